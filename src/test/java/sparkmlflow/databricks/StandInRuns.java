package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sparkmlflow.ScriptedServer;

/**
 * Experiments and runs of a workspace. An experiment is a path in an existing folder. A run keeps
 * what is logged to it until it ends. Unknown calls are rejected.
 */
final class StandInRuns {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FOLDERS = List.of("/Shared", "/Users/ada@example.com");
  private static final String EXPERIMENT = "7";

  private final StandInLoggedModels loggedModels;
  private final Map<String, ObjectNode> runs = new LinkedHashMap<>();
  private String experiment = "";

  StandInRuns(StandInLoggedModels loggedModels) {
    this.loggedModels = loggedModels;
  }

  /** Loses every run for good. */
  synchronized void forget() {
    runs.clear();
  }

  private ObjectNode run(String id) {
    return runs.getOrDefault(id, JSON.createObjectNode());
  }

  synchronized ScriptedServer.Reply reply(String call, Map<String, String> query, JsonNode body) {
    switch (call) {
      case "GET experiments/get-by-name" -> {
        String name = query.getOrDefault("experiment_name", "");
        return name.equals(experiment) ? experiment() : missing("no experiment " + name);
      }
      case "GET experiments/get" -> {
        return experiment();
      }
      case "POST experiments/create" -> {
        return createExperiment(body.path("name").asText());
      }
      case "POST runs/create" -> {
        if (!body.path("experiment_id").asText().equals(EXPERIMENT) || experiment.isEmpty()) {
          return missing("no experiment " + body.path("experiment_id"));
        }
        String id = "r" + (runs.size() + 1);
        runs.put(id, made(id, body.path("tags")));
        return shown(id);
      }
      default -> {
        String id = body.path("run_id").asText(query.getOrDefault("run_id", ""));
        if (!runs.containsKey(id)) {
          return missing("no run " + id);
        }
        return call.equals("GET metrics/get-history")
            ? history(id, query.getOrDefault("metric_key", ""))
            : ofRun(call, id, body);
      }
    }
  }

  private ScriptedServer.Reply ofRun(String call, String id, JsonNode body) {
    ObjectNode run = run(id);
    switch (call) {
      case "GET runs/get" -> {
        return shown(id);
      }
      case "POST runs/update" ->
          ((ObjectNode) run.path("info"))
              .put("status", body.path("status").asText())
              .put("end_time", body.path("end_time").asLong());
      case "POST runs/log-batch" ->
          List.of("params", "metrics", "tags").forEach(kind -> keep(run, kind, body.path(kind)));
      case "POST runs/log-metric" -> keep(run, "metrics", JSON.createArrayNode().add(body));
      case "POST runs/log-parameter" -> keep(run, "params", JSON.createArrayNode().add(body));
      case "POST runs/set-tag" -> keep(run, "tags", JSON.createArrayNode().add(body));
      case "POST runs/log-inputs", "POST runs/log-model" -> {}
      case "POST runs/outputs" -> {
        for (JsonNode model : body.path("models")) {
          if (!loggedModels.has(model.path("model_id").asText())) {
            return missing("no logged model " + model.path("model_id"));
          }
        }
      }
      default -> {
        return ScriptedServer.error(404, "ENDPOINT_NOT_FOUND", "no API found for " + call);
      }
    }
    return ScriptedServer.json("{}");
  }

  /** The last value only, because a run here keeps no other. */
  private ScriptedServer.Reply history(String id, String key) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode values = answer.putArray("metrics");
    for (JsonNode metric : run(id).at("/data/metrics")) {
      if (metric.path("key").asText().equals(key)) {
        values.add(metric);
      }
    }
    return StandInWorkspace.json(answer);
  }

  private static void keep(ObjectNode run, String kind, JsonNode entries) {
    keep(run.withObject("/data").withArray(kind), entries);
  }

  /** Puts entries into a list of tags, params or metrics, in place of those of the same keys. */
  static void keep(ArrayNode kept, JsonNode entries) {
    for (JsonNode entry : entries) {
      forget(kept, entry.path("key"));
      kept.add(entry);
    }
  }

  /** Takes the entry of a key out of a list of tags, params or metrics. */
  static void forget(ArrayNode entries, JsonNode key) {
    Iterator<JsonNode> all = entries.elements();
    while (all.hasNext()) {
      if (all.next().path("key").equals(key)) {
        all.remove();
      }
    }
  }

  private static ObjectNode made(String id, JsonNode tags) {
    ObjectNode run = JSON.createObjectNode();
    run.putObject("info")
        .put("run_id", id)
        .put("experiment_id", EXPERIMENT)
        .put("status", "RUNNING")
        .put("artifact_uri", StandInWorkspace.artifactUri(id))
        .put("lifecycle_stage", "active");
    keep(run, "tags", tags);
    return run;
  }

  private ScriptedServer.Reply shown(String id) {
    return StandInWorkspace.json(JSON.createObjectNode().set("run", run(id)));
  }

  private ScriptedServer.Reply experiment() {
    ObjectNode answer = JSON.createObjectNode();
    answer
        .putObject("experiment")
        .put("experiment_id", EXPERIMENT)
        .put("name", experiment)
        .put("lifecycle_stage", "active");
    return StandInWorkspace.json(answer);
  }

  private ScriptedServer.Reply createExperiment(String name) {
    if (!name.startsWith("/")) {
      return ScriptedServer.error(
          400,
          "INVALID_PARAMETER_VALUE",
          "Got an invalid experiment name '" + name + "'. It must be an absolute path");
    }
    String folder = name.substring(0, name.lastIndexOf('/'));
    if (!FOLDERS.contains(folder)) {
      return missing("Workspace directory '" + folder + "' not found");
    }
    if (!experiment.isEmpty()) {
      return ScriptedServer.error(400, "RESOURCE_ALREADY_EXISTS", name);
    }
    experiment = name;
    return ScriptedServer.json("{\"experiment_id\": \"" + EXPERIMENT + "\"}");
  }

  private static ScriptedServer.Reply missing(String what) {
    return ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", what);
  }
}
