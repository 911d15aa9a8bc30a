package sparkmlflow.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mlflow.api.proto.Service;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.RestCalls;

/**
 * The server's calls for experiments and runs, with time limits and retries.
 *
 * <p>Each call may be repeated. Before a create is repeated, it searches for the result of the
 * earlier attempt; all other calls are idempotent.
 *
 * @see <a href="https://mlflow.org/docs/latest/rest-api.html">MLflow's REST API</a>
 */
public final class TrackingCalls {

  /** The tag that finds a run whose create got no answer. */
  static final String RUN_KEY = "winequality.run-key";

  private static final String MODEL_HISTORY = "mlflow.log-model.history";

  // more runs than one create can leave behind
  private static final int MOST_FOUND = 100;

  private final RestCalls rest;
  private final Map<String, String> doubtedKeys = new ConcurrentHashMap<>();

  public TrackingCalls(RestCalls rest) {
    this.rest = rest;
  }

  /** The experiment with that name, even a deleted one; empty if there is none. */
  public Optional<Experiment> experimentNamed(String name) {
    String operation = "look up experiment \"" + name + "\"";
    return RestCalls.unlessMissing(
        () ->
            experiment(
                operation,
                rest.get(
                        operation,
                        "experiments/get-by-name",
                        Map.of("experiment_name", name),
                        Service.GetExperimentByName.Response.newBuilder())
                    .getExperiment()));
  }

  /** The experiment with that id, even a deleted one; throws if there is none. */
  public Experiment experiment(String id) {
    String operation = "look up experiment " + id;
    return experiment(
        operation,
        rest.get(
                operation,
                "experiments/get",
                Map.of("experiment_id", id),
                Service.GetExperiment.Response.newBuilder())
            .getExperiment());
  }

  private static Experiment experiment(String operation, Service.Experiment found) {
    return new Experiment(
        Answers.text(operation, found.getExperimentId(), "experiment_id"),
        Answers.text(operation, found.getName(), "name"),
        found.getLifecycleStage().equals("deleted"));
  }

  /** Creates an experiment, or returns the one that another client created meanwhile. */
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
   * Creates a run in state RUNNING. After a lost answer it searches for the run before it repeats
   * the create; if a slow server completes the first create still later, {@link #duplicatesOf}
   * finds it.
   *
   * @param name empty: the server chooses one
   * @param key unique to this run; stored as a tag that finds the run again
   */
  public Run createRun(
      String experimentId, String name, Instant start, String key, Map<String, String> tags) {
    ObjectNode body = RestCalls.JSON.createObjectNode().put("experiment_id", experimentId);
    body.put("start_time", start.toEpochMilli());
    if (!name.isEmpty()) {
      body.put("run_name", name);
    }
    Map<String, String> all = new LinkedHashMap<>(tags);
    all.put(RUN_KEY, key);
    pairs(body.putArray("tags"), all.entrySet());
    String operation =
        tags.containsKey(MlflowTags.PARENT_RUN) ? "create the child run " + name : "create the run";
    AtomicBoolean doubted = new AtomicBoolean();
    Run run =
        rest.retrier()
            .create(
                () -> created(operation, rest.postOnce(operation, "runs/create", body).path("run")),
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
   * The duplicates of a run, created by a slow server for attempts that had timed out. Sends
   * nothing if no attempt was lost, or for a run of another connection.
   */
  public List<Run> duplicatesOf(Run run) {
    String key = doubtedKeys.get(run.id());
    if (key == null) {
      return List.of();
    }
    return runsWithKey(run.experimentId(), key).stream()
        .filter(found -> !found.id().equals(run.id()))
        .toList();
  }

  private List<Run> runsWithKey(String experimentId, String key) {
    return search(
        "look for the run that may have been created",
        experimentId,
        "tags.`" + RUN_KEY + "` = '" + key + "'");
  }

  /** The latest 100 runs of an experiment that are RUNNING, never ended before, and have a tag. */
  public List<Run> running(String experimentId, String tag) {
    String operation = "look for runs of dead jobs";
    String filter = "attributes.status = 'RUNNING' and tags.`" + tag + "` != ''";
    return found(operation, experimentId, filter).stream()
        // a run that was resumed keeps the time of its end
        .filter(run -> run.getInfo().getEndTime() == 0)
        .map(run -> run(operation, run))
        .toList();
  }

  public List<Run> runningChildren(String experimentId, String parentId) {
    return search(
        "look for child runs of a dead job",
        experimentId,
        "attributes.status = 'RUNNING' and tags.`%s` = '%s'"
            .formatted(MlflowTags.PARENT_RUN, parentId));
  }

  private List<Run> search(String operation, String experimentId, String filter) {
    return found(operation, experimentId, filter).stream().map(run -> run(operation, run)).toList();
  }

  private List<Service.Run> found(String operation, String experimentId, String filter) {
    Service.SearchRuns.Builder search =
        Service.SearchRuns.newBuilder()
            .addExperimentIds(experimentId)
            .setFilter(filter)
            .setRunViewType(Service.ViewType.ACTIVE_ONLY)
            .setMaxResults(MOST_FOUND);
    return rest.post(operation, "runs/search", search, Service.SearchRuns.Response.newBuilder())
        .getRunsList();
  }

  /** Reads the answer to a create; the new run has tags, but no params and metrics yet. */
  private static Run created(String operation, JsonNode node) {
    JsonNode info = node.path("info");
    return new Run(
        Answers.text(operation, info, "run_id"),
        Answers.text(operation, info, "experiment_id"),
        Answers.text(operation, info, "artifact_uri"),
        status(operation, info.path("status").asText("RUNNING")),
        info.path("lifecycle_stage").asText().equals("deleted"),
        Map.of(),
        Map.of(),
        Answers.texts(operation, node.path("data").path("tags")));
  }

  private static RunStatus status(String operation, String name) {
    try {
      return RunStatus.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw Answers.missing(operation, "status");
    }
  }

  private static Run run(String operation, Service.Run found) {
    Map<String, String> params = new LinkedHashMap<>();
    found.getData().getParamsList().forEach(p -> params.put(p.getKey(), p.getValue()));
    Map<String, Double> metrics = new LinkedHashMap<>();
    found.getData().getMetricsList().forEach(m -> metrics.put(m.getKey(), m.getValue()));
    Map<String, String> tags = new LinkedHashMap<>();
    found.getData().getTagsList().forEach(t -> tags.put(t.getKey(), t.getValue()));
    Service.RunInfo info = found.getInfo();
    if (!info.hasStatus()) {
      throw Answers.missing(operation, "status");
    }
    return new Run(
        Answers.text(operation, info.getRunId(), "run_id"),
        Answers.text(operation, info.getExperimentId(), "experiment_id"),
        Answers.text(operation, info.getArtifactUri(), "artifact_uri"),
        status(operation, info.getStatus().name()),
        info.getLifecycleStage().equals("deleted"),
        params,
        metrics,
        tags);
  }

  /** The run with that id, even a deleted one; throws if there is none. */
  public Run run(String id) {
    String operation = "look up run " + id;
    return run(
        operation,
        rest.get(operation, "runs/get", Map.of("run_id", id), Service.GetRun.Response.newBuilder())
            .getRun());
  }

  /** Sets the run's state to RUNNING, and its name unless that is empty. */
  public void resumeRun(String id, String name) {
    ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", id).put("status", "RUNNING");
    if (!name.isEmpty()) {
      body.put("run_name", name);
    }
    rest.post("resume run " + id, "runs/update", body);
  }

  /** Ends the run, with all retries. */
  public void endRun(String id, RunStatus status, Instant end) {
    rest.post(
        "end run " + id,
        "runs/update",
        Service.UpdateRun.newBuilder()
            .setRunId(id)
            .setStatus(Service.RunStatus.valueOf(status.name()))
            .setEndTime(end.toEpochMilli()));
  }

  /** Ends and tags the run of a stopping process: two calls without retries share the limit. */
  public void endRunWithin(
      Duration limit, String id, RunStatus status, Instant end, Map<String, String> tags) {
    ObjectNode update = RestCalls.JSON.createObjectNode().put("run_id", id);
    update.put("status", status.name()).put("end_time", end.toEpochMilli());
    Duration half = limit.dividedBy(2);
    rest.postOnce("end run " + id, "runs/update", update, half);
    tagWithin(half, id, tags);
  }

  /** Sets tags in one call without retries. */
  public void tagWithin(Duration limit, String id, Map<String, String> tags) {
    ObjectNode batch = RestCalls.JSON.createObjectNode().put("run_id", id);
    pairs(batch.putArray("tags"), tags.entrySet());
    rest.postOnce("tag run " + id, "runs/log-batch", batch, limit);
  }

  /** Logs params, at most 100 per request. */
  public void logParams(String runId, Map<String, String> params) {
    for (List<Map.Entry<String, String>> batch : Batches.ofTexts(params.entrySet())) {
      Service.LogBatch.Builder body = Service.LogBatch.newBuilder();
      batch.forEach(e -> body.addParamsBuilder().setKey(e.getKey()).setValue(e.getValue()));
      logBatch("log params of run ", runId, body);
    }
  }

  /** Logs metrics, at most 1,000 per request. */
  public void logMetrics(String runId, List<MetricPoint> points) {
    for (List<MetricPoint> batch : Batches.ofMetrics(points)) {
      Service.LogBatch.Builder body = Service.LogBatch.newBuilder();
      batch.forEach(
          p ->
              body.addMetricsBuilder()
                  .setKey(p.name())
                  .setValue(p.value())
                  .setStep(p.step())
                  .setTimestamp(p.time().toEpochMilli()));
      logBatch("log metrics of run ", runId, body);
    }
  }

  /** Sets tags, at most 100 per request. */
  public void setTags(String runId, Map<String, String> tags) {
    for (List<Map.Entry<String, String>> batch : Batches.ofTexts(tags.entrySet())) {
      Service.LogBatch.Builder body = Service.LogBatch.newBuilder();
      batch.forEach(e -> body.addTagsBuilder().setKey(e.getKey()).setValue(e.getValue()));
      logBatch("set tags of run ", runId, body);
    }
  }

  /** Deletes a tag that the run has. */
  public void deleteTag(String runId, String key) {
    ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", runId).put("key", key);
    RestCalls.unlessMissing(
        () -> rest.post("delete a tag of run " + runId, "runs/delete-tag", body));
  }

  private void logBatch(String operation, String runId, Service.LogBatch.Builder body) {
    rest.post(operation + runId, "runs/log-batch", body.setRunId(runId));
  }

  /** Adds data sets, each as the REST API's {@code DatasetInput}, to the run's inputs. */
  public void logInputs(String runId, List<ObjectNode> datasets) {
    ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", runId);
    body.putArray("datasets").addAll(datasets);
    rest.post("log the data sets of run " + runId, "runs/log-inputs", body);
  }

  /**
   * Tells the server that a folder of the run's artifacts is a model. A retry finds by {@code
   * modelUuid} in {@code modelJson} that the first attempt arrived.
   */
  public void logModel(String runId, String modelUuid, String modelJson) {
    ObjectNode body =
        RestCalls.JSON.createObjectNode().put("run_id", runId).put("model_json", modelJson);
    // the server appends, so a blind retry would list the model twice
    rest.retrier()
        .create(
            () -> rest.postOnce("log the model of run " + runId, "runs/log-model", body),
            () -> hasModel(runId, modelUuid) ? Optional.of(body) : Optional.empty());
  }

  /** Whether {@link #logModel} was called for the model. */
  public boolean hasModel(String runId, String modelUuid) {
    return run(runId).tags().getOrDefault(MODEL_HISTORY, "").contains(modelUuid);
  }

  /** The server's listing of a run's files. */
  public FileListing files(String runId) {
    return new FileListing(rest, "run " + runId, "artifacts/list", Map.of("run_id", runId), "path");
  }

  public static void pairs(ArrayNode array, Collection<Map.Entry<String, String>> entries) {
    entries.forEach(e -> array.addObject().put("key", e.getKey()).put("value", e.getValue()));
  }
}
