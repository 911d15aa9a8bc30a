package sparkmlflow.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.RestCalls;

/**
 * The models that an experiment's page Models lists, which MLflow has from version 3 on. Each has
 * files of its own and comes from one run.
 *
 * @see <a href="https://mlflow.org/docs/latest/api_reference/rest-api.html">REST API</a>; its calls
 *     were tried with MLflow 3.17.2
 */
public record LoggedModels(RestCalls rest) {

  /**
   * A model of the page.
   *
   * @param artifactUri folder of its files
   */
  public record LoggedModel(String id, String artifactUri) {}

  /** A data set among a run's inputs. */
  public record DataSet(String name, String digest) {}

  /** The model that is the output of a run, if it has one. */
  public Optional<String> outputOf(String runId) {
    JsonNode run = rest.get("read run " + runId, "runs/get", Map.of("run_id", runId));
    String id = run.at("/run/outputs/model_outputs/0/model_id").asText("");
    return id.isEmpty() ? Optional.empty() : Optional.of(id);
  }

  /**
   * The model of a run, which is made if there is none: it waits for its files.
   *
   * @return empty on a server that has no logged models
   */
  public Optional<LoggedModel> ofRun(Run run, String name, Map<String, String> params) {
    String operation = "make the logged model of run " + run.id();
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("experiment_id", run.experimentId())
            .put("name", name)
            .put("source_run_id", run.id());
    TrackingCalls.pairs(body.putArray("params"), params.entrySet());
    // who made it, and by which program
    TrackingCalls.pairs(
        body.putArray("tags"),
        run.tags().entrySet().stream()
            .filter(tag -> tag.getKey().matches("mlflow\\.(user|source\\.(name|type))"))
            .toList());
    try {
      Optional<LoggedModel> there = search(operation, run);
      return there.isPresent()
          ? there
          : Optional.of(
              rest.retrier()
                  .create(
                      () ->
                          model(
                              operation,
                              rest.postOnce(operation, "logged-models", body).path("model")),
                      () -> search(operation, run)));
    } catch (MlflowException e) {
      if (e.status().equals(OptionalInt.of(404))) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<LoggedModel> search(String operation, Run run) {
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("filter", "source_run_id = '" + run.id() + "'")
            .put("max_results", 1);
    body.putArray("experiment_ids").add(run.experimentId());
    return StreamSupport.stream(
            rest.post(operation, "logged-models/search", body).path("models").spliterator(), false)
        .findFirst()
        .map(model -> model(operation, model));
  }

  private static LoggedModel model(String operation, JsonNode answer) {
    JsonNode info = answer.path("info");
    return new LoggedModel(
        Answers.text(operation, info, "model_id"), Answers.text(operation, info, "artifact_uri"));
  }

  /** Says that the files are there, and makes the model the run's output. */
  public void ready(String runId, String modelId) {
    String operation = "make model " + modelId + " the output of run " + runId;
    rest.send(
        operation,
        "PATCH",
        "logged-models/" + modelId,
        RestCalls.JSON
            .createObjectNode()
            .put("model_id", modelId)
            .put("status", "LOGGED_MODEL_READY"));
    ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", runId);
    body.putArray("models").addObject().put("model_id", modelId).put("step", 0);
    // a second time would be refused
    rest.retrier()
        .create(
            () -> {
              rest.postOnce(operation, "runs/outputs", body);
              return modelId;
            },
            () -> outputOf(runId));
  }

  /** Makes the model's page lead to a registered version. */
  public void registered(String modelId, String name, String version) {
    ArrayNode versions = RestCalls.JSON.createArrayNode();
    versions.addObject().put("name", name).put("version", version);
    ObjectNode body = RestCalls.JSON.createObjectNode().put("model_id", modelId);
    body.putArray("tags")
        .addObject()
        .put("key", "mlflow.modelVersions")
        .put("value", versions.toString());
    rest.send(
        "show version " + version + " of " + name + " on the page of model " + modelId,
        "PATCH",
        "logged-models/" + modelId + "/tags",
        body);
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
