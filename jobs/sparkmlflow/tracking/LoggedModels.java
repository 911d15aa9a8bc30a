package sparkmlflow.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.RestCalls;

/**
 * The models that an experiment's page Models lists, which MLflow has from version 3 on. Each has
 * files of its own and comes from one run.
 *
 * @see <a href="https://mlflow.org/docs/latest/api_reference/rest-api.html">REST API</a>; its calls
 *     were tried with MLflow 3.8.1 to 3.17.2
 */
public record LoggedModels(RestCalls rest) {

  private static final String UUID = "sparkmlflow.model_uuid";
  private static final Pattern URI = Pattern.compile("models:/(m-[A-Za-z0-9]+)");

  /**
   * A model of the page.
   *
   * @param artifactUri folder of its files
   */
  public record LoggedModel(String id, String name, String artifactUri) {}

  /**
   * The name of a model's files. A version whose source it is leads to the model on the version's
   * page; {@code models:/name/7} names a version.
   */
  public static String uri(String modelId) {
    return "models:/" + modelId;
  }

  /** The id of the model whose files a URI names, if it has the form of {@link #uri}. */
  public static Optional<String> idIn(String uri) {
    return Optional.of(URI.matcher(uri)).filter(Matcher::matches).map(found -> found.group(1));
  }

  /** A model; throws {@link MlflowException} if there is none or it is deleted. */
  public LoggedModel model(String modelId) {
    String operation = "look up logged model " + modelId;
    return model(
        operation, rest.get(operation, "logged-models/" + modelId, Map.of()).path("model"));
  }

  /** The server's listing of a model's files. */
  public FileListing files(String modelId) {
    return new FileListing(
        rest,
        "model " + modelId,
        "logged-models/" + modelId + "/artifacts/directories",
        Map.of(),
        "artifact_directory_path");
  }

  /** A data set among a run's inputs. */
  public record DataSet(String name, String digest) {}

  /** Whether a model is an output of a run. */
  public boolean isOutput(String runId, String modelId) {
    JsonNode run = rest.get("read run " + runId, "runs/get", Map.of("run_id", runId));
    return run.at("/run/outputs/model_outputs").findValuesAsText("model_id").contains(modelId);
  }

  /**
   * A run's model, which is made if there is none: it waits for its files. Other programs may log
   * models in the same run, so the identifier tells which is meant.
   *
   * @param uuid identifier in the file {@code MLmodel}
   * @param name MLflow takes none of {@code / : . % " '} in it; they become dashes
   * @return empty on a server that has no logged models
   */
  public Optional<LoggedModel> ofRun(
      Run run, String uuid, String name, Map<String, String> params) {
    String operation = "make the logged model of run " + run.id();
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("experiment_id", run.experimentId())
            .put("name", name.replaceAll("[/:.%\"']", "-"))
            .put("source_run_id", run.id());
    TrackingCalls.pairs(body.putArray("params"), params.entrySet());
    Map<String, String> tags = new LinkedHashMap<>(run.tags());
    // who made it, and by which program
    tags.keySet().removeIf(key -> !key.matches("mlflow\\.(user|source\\.(name|type))"));
    tags.put(UUID, uuid);
    TrackingCalls.pairs(body.putArray("tags"), tags.entrySet());
    try {
      Optional<LoggedModel> there = search(operation, run, uuid);
      return there.isPresent()
          ? there
          : Optional.of(
              rest.retrier()
                  .create(
                      () ->
                          model(
                              operation,
                              rest.postOnce(operation, "logged-models", body).path("model")),
                      () -> search(operation, run, uuid)));
    } catch (MlflowException e) {
      if (e.status().equals(OptionalInt.of(404))) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<LoggedModel> search(String operation, Run run, String uuid) {
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put(
                "filter",
                "source_run_id = '%s' AND tags.`%s` = '%s'".formatted(run.id(), UUID, uuid));
    body.putArray("experiment_ids").add(run.experimentId());
    return StreamSupport.stream(
            rest.post(operation, "logged-models/search", body).path("models").spliterator(), false)
        .findFirst()
        .map(model -> model(operation, model));
  }

  private static LoggedModel model(String operation, JsonNode answer) {
    JsonNode info = answer.path("info");
    return new LoggedModel(
        Answers.text(operation, info, "model_id"),
        Answers.text(operation, info, "name"),
        Answers.text(operation, info, "artifact_uri"));
  }

  /** Says that a model's files did not arrive. */
  public void failed(String modelId) {
    finish("say that model " + modelId + " failed", modelId, "LOGGED_MODEL_UPLOAD_FAILED");
  }

  private void finish(String operation, String modelId, String status) {
    rest.send(
        operation,
        "PATCH",
        "logged-models/" + modelId,
        RestCalls.JSON.createObjectNode().put("model_id", modelId).put("status", status));
  }

  /** Says that the files are there, and makes the model the run's output. */
  public void ready(String runId, String modelId) {
    String operation = "make model " + modelId + " the output of run " + runId;
    finish(operation, modelId, "LOGGED_MODEL_READY");
    ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", runId);
    body.putArray("models").addObject().put("model_id", modelId).put("step", 0);
    // a second time would be refused
    rest.retrier()
        .create(
            () -> {
              rest.postOnce(operation, "runs/outputs", body);
              return modelId;
            },
            () -> isOutput(runId, modelId) ? Optional.of(modelId) : Optional.empty());
  }

  /**
   * Adds points that the run has already to the model too.
   *
   * @param measured on this data set
   */
  public void metrics(
      String runId, String modelId, Collection<MetricPoint> points, Optional<DataSet> measured) {
    // JSON has no others
    List<MetricPoint> finite =
        points.stream().filter(point -> Double.isFinite(point.value())).toList();
    for (List<MetricPoint> batch : Batches.ofMetrics(finite)) {
      ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", runId);
      ArrayNode metrics = body.putArray("metrics");
      for (MetricPoint point : batch) {
        ObjectNode metric =
            metrics
                .addObject()
                .put("key", point.name())
                .put("value", point.value())
                .put("step", point.step())
                .put("timestamp", point.time().toEpochMilli())
                .put("model_id", modelId);
        measured.ifPresent(
            data -> metric.put("dataset_name", data.name()).put("dataset_digest", data.digest()));
      }
      rest.post("log metrics of model " + modelId, "runs/log-batch", body);
    }
  }
}
