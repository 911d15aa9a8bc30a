package sparkmlflow.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.RunArtifacts;
import sparkmlflow.artifacts.TemporaryFolder;
import sparkmlflow.tracking.MetricPoint;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.RestCalls;

/**
 * Something that a run's job tells the server. Sending it again changes nothing: a server with a
 * database keeps one param, one point of a metric, one tag, one input and one file.
 */
sealed interface Note {

  void send(TrackingCalls tracking, RunArtifacts artifacts);

  record Params(Map<String, String> values) implements Note {
    @Override
    public void send(TrackingCalls tracking, RunArtifacts artifacts) {
      tracking.logParams(artifacts.run().id(), values);
    }
  }

  record Metrics(List<MetricPoint> points) implements Note {
    @Override
    public void send(TrackingCalls tracking, RunArtifacts artifacts) {
      tracking.logMetrics(artifacts.run().id(), points);
    }
  }

  record Tags(Map<String, String> values) implements Note {
    @Override
    public void send(TrackingCalls tracking, RunArtifacts artifacts) {
      tracking.setTags(artifacts.run().id(), values);
    }
  }

  /** Data sets, each as the REST API's {@code DatasetInput}. */
  record Inputs(List<ObjectNode> datasets) implements Note {
    @Override
    public void send(TrackingCalls tracking, RunArtifacts artifacts) {
      tracking.logInputs(artifacts.run().id(), datasets);
    }
  }

  /** A file at a path of the run's artifacts. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record File(String path, byte[] content) implements Note {
    public File {
      path = RunArtifacts.path(path);
    }

    @Override
    public void send(TrackingCalls tracking, RunArtifacts artifacts) {
      TemporaryFolder.with(
          folder -> {
            try {
              Path file = Files.write(folder.resolve(StoredFile.name(path)), content);
              artifacts.upload(LocalFiles.at(file), StoredFile.parent(path));
              return file;
            } catch (IOException e) {
              throw new UncheckedIOException("cannot write a temporary file for " + path, e);
            }
          });
    }
  }

  /** The note as JSON; a file's content is not in it. */
  default ObjectNode json() {
    ObjectNode line = RestCalls.JSON.createObjectNode();
    if (this instanceof Params params) {
      line.set("params", RestCalls.JSON.valueToTree(params.values()));
    } else if (this instanceof Tags tags) {
      line.set("tags", RestCalls.JSON.valueToTree(tags.values()));
    } else if (this instanceof Inputs inputs) {
      line.putArray("inputs").addAll(inputs.datasets());
    } else if (this instanceof File file) {
      line.put("file", file.path());
    } else if (this instanceof Metrics metrics) {
      ArrayNode points = line.putArray("metrics");
      for (MetricPoint point : metrics.points()) {
        points
            .addObject()
            .put("key", point.name())
            // as text, because JSON has neither NaN nor infinity
            .put("value", String.valueOf(point.value()))
            .put("step", point.step())
            .put("timestamp", point.time().toEpochMilli());
      }
    }
    return line;
  }

  /**
   * The note that {@link #json()} wrote.
   *
   * @param files the folder that holds the files' contents
   */
  static Note of(JsonNode line, Path files) throws IOException {
    if (line.has("params")) {
      return new Params(texts(line.get("params")));
    }
    if (line.has("tags")) {
      return new Tags(texts(line.get("tags")));
    }
    if (line.has("inputs")) {
      List<ObjectNode> datasets = new ArrayList<>();
      line.get("inputs").forEach(dataset -> datasets.add((ObjectNode) dataset));
      return new Inputs(datasets);
    }
    if (line.has("file")) {
      String path = line.get("file").asText();
      return new File(path, Files.readAllBytes(files.resolve(path)));
    }
    List<MetricPoint> points = new ArrayList<>();
    for (JsonNode point : line.required("metrics")) {
      points.add(
          new MetricPoint(
              point.required("key").asText(),
              Double.parseDouble(point.required("value").asText()),
              point.required("step").asLong(),
              Instant.ofEpochMilli(point.required("timestamp").asLong())));
    }
    return new Metrics(points);
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
    return texts;
  }
}
