package sparkmlflow.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.mlflow.api.proto.Service;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.ClientCalls;
import sparkmlflow.wire.RestCalls;

/**
 * The server's calls about experiments and runs, each with its limit of time and its repeats.
 *
 * <p>Every one may be made twice: the creates look for what an earlier attempt made, as far as a
 * look can tell, and all others leave the same behind.
 *
 * @see <a href="https://mlflow.org/docs/latest/rest-api.html">MLflow's REST API</a>
 */
public final class TrackingCalls {

  /** The tag by which a run that was created without an answer is found again. */
  static final String RUN_KEY = "winequality.run-key";

  private static final String LOGGED_MODELS = "mlflow.log-model.history";

  // more than attempts can make
  private static final int MOST_TWINS = 100;

  private final RestCalls rest;
  private final ClientCalls client;
  private final Map<String, String> doubtedKeys = new ConcurrentHashMap<>();

  public TrackingCalls(RestCalls rest, ClientCalls client) {
    this.rest = rest;
    this.client = client;
  }

  /** The experiment of that name, deleted ones included, if there is one. */
  public Optional<Experiment> experimentNamed(String name) {
    try {
      String operation = "look up experiment \"" + name + "\"";
      JsonNode found =
          rest.get(operation, "experiments/get-by-name", Map.of("experiment_name", name))
              .path("experiment");
      return Optional.of(
          new Experiment(
              Answers.text(operation, found, "experiment_id"),
              Answers.text(operation, found, "name"),
              found.path("lifecycle_stage").asText().equals("deleted")));
    } catch (MlflowException e) {
      if (e.has("RESOURCE_DOES_NOT_EXIST")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * The experiment with that id, deleted ones included.
   *
   * @throws MlflowException if there is none
   */
  public Experiment experiment(String id) {
    String operation = "look up experiment " + id;
    Service.Experiment found = client.call(operation, c -> c.getExperiment(id));
    return new Experiment(
        Answers.text(operation, found.getExperimentId(), "experiment_id"),
        Answers.text(operation, found.getName(), "name"),
        found.getLifecycleStage().equals("deleted"));
  }

  /** The experiment of that name, made now unless somebody was faster. */
  public Experiment createExperiment(String name) {
    String operation = "create experiment \"" + name + "\"";
    ObjectNode body = RestCalls.JSON.createObjectNode().put("name", name);
    try {
      return rest.retrier()
          .create(
              () -> {
                JsonNode answer = rest.postOnce(operation, "experiments/create", body);
                return new Experiment(
                    Answers.text(operation, answer, "experiment_id"), name, false);
              },
              () -> experimentNamed(name));
    } catch (MlflowException e) {
      if (e.has("RESOURCE_ALREADY_EXISTS")) {
        return experimentNamed(name).orElseThrow(() -> e);
      }
      throw e;
    }
  }

  /**
   * A new run in state RUNNING.
   *
   * <p>A repeat after a lost answer looks for the run first. A server that goes on with a create
   * after its time limit, and is not done at that look, makes a second run later: {@link #twinsOf}
   * finds it.
   *
   * @param name empty: the server makes one up
   * @param key unique to this run; it becomes the tag by which the run is found again
   */
  public Run createRun(
      String experimentId, String name, Instant start, String key, Map<String, String> tags) {
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("experiment_id", experimentId)
            .put("start_time", start.toEpochMilli());
    if (!name.isEmpty()) {
      body.put("run_name", name);
    }
    Map<String, String> all = new LinkedHashMap<>(tags);
    all.put(RUN_KEY, key);
    pairs(body.putArray("tags"), all.entrySet());
    String operation = "create the run";
    AtomicBoolean doubted = new AtomicBoolean();
    Run run =
        rest.retrier()
            .create(
                () ->
                    RunAnswers.created(
                        operation, rest.postOnce(operation, "runs/create", body).path("run")),
                () -> {
                  doubted.set(true);
                  return runsWithKey(experimentId, key).stream().findFirst();
                });
    if (doubted.get()) {
      doubtedKeys.put(run.id(), key);
    }
    return run;
  }

  /**
   * The runs that the server made besides this one, from attempts to create it whose answers were
   * given up. Nothing is asked, and the list is empty, for a run that was created without doubt or
   * over another connection.
   */
  public List<Run> twinsOf(Run run) {
    String key = doubtedKeys.get(run.id());
    if (key == null) {
      return List.of();
    }
    return runsWithKey(run.experimentId(), key).stream()
        .filter(found -> !found.id().equals(run.id()))
        .toList();
  }

  private List<Run> runsWithKey(String experimentId, String key) {
    String operation = "look for the run that may have been created";
    List<Service.Run> found =
        client.call(
            operation,
            c ->
                c.searchRuns(
                        List.of(experimentId),
                        "tags.`" + RUN_KEY + "` = '" + key + "'",
                        Service.ViewType.ACTIVE_ONLY,
                        MOST_TWINS)
                    .getItems());
    return found.stream().map(run -> RunAnswers.run(operation, run)).toList();
  }

  /**
   * The run with that id, deleted ones included.
   *
   * @throws MlflowException if there is none
   */
  public Run run(String id) {
    String operation = "look up run " + id;
    return RunAnswers.run(operation, client.call(operation, c -> c.getRun(id)));
  }

  /** Puts the run into state RUNNING again, and gives it a name unless that is empty. */
  public void resumeRun(String id, String name) {
    ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", id).put("status", "RUNNING");
    if (!name.isEmpty()) {
      body.put("run_name", name);
    }
    rest.post("resume run " + id, "runs/update", body);
  }

  /** Ends the run, with all repeats. */
  public void endRun(String id, RunStatus status, Instant end) {
    client.call(
        "end run " + id,
        c -> {
          c.setTerminated(id, Service.RunStatus.valueOf(status.name()), end.toEpochMilli());
          return id;
        });
  }

  /**
   * Ends the run and tags it in two attempts that last no longer than the limit together: for a
   * process that is being stopped.
   */
  public void endRunWithin(
      Duration limit, String id, RunStatus status, Instant end, Map<String, String> tags) {
    ObjectNode update =
        RestCalls.JSON
            .createObjectNode()
            .put("run_id", id)
            .put("status", status.name())
            .put("end_time", end.toEpochMilli());
    Duration half = limit.dividedBy(2);
    rest.postOnce("end run " + id, "runs/update", update, half);
    ObjectNode batch = RestCalls.JSON.createObjectNode().put("run_id", id);
    pairs(batch.putArray("tags"), tags.entrySet());
    rest.postOnce("tag run " + id, "runs/log-batch", batch, half);
  }

  /** Logs the params, 100 to a request. */
  public void logParams(String runId, Map<String, String> params) {
    for (List<Map.Entry<String, String>> batch : Batches.ofTexts(params.entrySet())) {
      List<Service.Param> values =
          batch.stream()
              .map(
                  e -> Service.Param.newBuilder().setKey(e.getKey()).setValue(e.getValue()).build())
              .toList();
      logBatch("log params of run " + runId, runId, List.of(), values, List.of());
    }
  }

  /** Logs the metrics, 1,000 to a request. */
  public void logMetrics(String runId, List<MetricPoint> points) {
    for (List<MetricPoint> batch : Batches.ofMetrics(points)) {
      List<Service.Metric> values =
          batch.stream()
              .map(
                  p ->
                      Service.Metric.newBuilder()
                          .setKey(p.name())
                          .setValue(p.value())
                          .setStep(p.step())
                          .setTimestamp(p.time().toEpochMilli())
                          .build())
              .toList();
      logBatch("log metrics of run " + runId, runId, values, List.of(), List.of());
    }
  }

  /** Sets the tags, 100 to a request. */
  public void setTags(String runId, Map<String, String> tags) {
    for (List<Map.Entry<String, String>> batch : Batches.ofTexts(tags.entrySet())) {
      List<Service.RunTag> values =
          batch.stream()
              .map(
                  e ->
                      Service.RunTag.newBuilder().setKey(e.getKey()).setValue(e.getValue()).build())
              .toList();
      logBatch("set tags of run " + runId, runId, List.of(), List.of(), values);
    }
  }

  private void logBatch(
      String operation,
      String runId,
      List<Service.Metric> metrics,
      List<Service.Param> params,
      List<Service.RunTag> tags) {
    client.call(
        operation,
        c -> {
          c.logBatch(runId, metrics, params, tags);
          return runId;
        });
  }

  /** Adds data sets to the run's inputs. */
  public void logInputs(String runId, List<DatasetEntry> datasets) {
    ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", runId);
    ArrayNode list = body.putArray("datasets");
    for (DatasetEntry entry : datasets) {
      ObjectNode input = list.addObject();
      pairs(input.putArray("tags"), Map.of("mlflow.data.context", entry.context()).entrySet());
      input
          .putObject("dataset")
          .put("name", entry.name())
          .put("digest", entry.digest())
          .put("source_type", entry.sourceType())
          .put("source", entry.source())
          .put("schema", entry.schema())
          .put("profile", entry.profile());
    }
    rest.post("log the data sets of run " + runId, "runs/log-inputs", body);
  }

  /**
   * Tells the server that a folder among the run's files is a model.
   *
   * @param modelUuid stands in {@code modelJson} too; by it a repeat sees that the first one
   *     arrived
   */
  public void logModel(String runId, String modelUuid, String modelJson) {
    ObjectNode body =
        RestCalls.JSON.createObjectNode().put("run_id", runId).put("model_json", modelJson);
    // the server appends, so a plain repeat would list the model twice
    rest.retrier()
        .create(
            () -> rest.postOnce("log the model of run " + runId, "runs/log-model", body),
            () ->
                run(runId).tags().getOrDefault(LOGGED_MODELS, "").contains(modelUuid)
                    ? Optional.of(body)
                    : Optional.empty());
  }

  /**
   * Every file below a folder of the run's artifacts with its size, as the <em>server</em> sees it,
   * whatever store is behind it; empty if there is no such folder.
   *
   * <p>Not through mlflow-client, whose {@code listArtifacts} drops all pages but the first.
   */
  public List<StoredFile> artifacts(String runId, String artifactPath) {
    List<StoredFile> files = new ArrayList<>();
    entries(
        runId,
        artifactPath,
        (path, entry) -> {
          if (entry.path("is_dir").asBoolean()) {
            files.addAll(artifacts(runId, path));
          } else {
            files.add(file(path, entry));
          }
        });
    return files;
  }

  /** The file at a path of the run's artifacts, if the server sees one; its folder is listed. */
  public Optional<StoredFile> artifact(String runId, String artifactPath) {
    int slash = artifactPath.lastIndexOf('/');
    List<StoredFile> found = new ArrayList<>();
    entries(
        runId,
        slash < 0 ? "" : artifactPath.substring(0, slash),
        (path, entry) -> {
          if (!entry.path("is_dir").asBoolean() && path.equals(artifactPath)) {
            found.add(file(path, entry));
          }
        });
    return found.stream().findFirst();
  }

  private void entries(String runId, String artifactPath, BiConsumer<String, JsonNode> use) {
    String operation = "list the files of run " + runId;
    Map<String, String> query = new LinkedHashMap<>(Map.of("run_id", runId));
    if (!artifactPath.isEmpty()) {
      query.put("path", artifactPath);
    }
    rest.pages(
        operation,
        "artifacts/list",
        query,
        "files",
        entry -> use.accept(Answers.text(operation, entry, "path"), entry));
  }

  // the server leaves the size out when it is 0
  private static StoredFile file(String path, JsonNode entry) {
    return new StoredFile(path, entry.path("file_size").asLong(0));
  }

  public static void pairs(ArrayNode array, Collection<Map.Entry<String, String>> entries) {
    entries.forEach(e -> array.addObject().put("key", e.getKey()).put("value", e.getValue()));
  }
}
