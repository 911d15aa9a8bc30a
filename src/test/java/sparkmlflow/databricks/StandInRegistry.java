package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import sparkmlflow.ScriptedServer;

/**
 * The older registry of a workspace: stages, no aliases, versions that are pending for one look.
 */
final class StandInRegistry {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern FILTER =
      Pattern.compile("name = '([^']*)'(?: and run_id = '([^']*)')?");

  private final Map<String, Map<String, ObjectNode>> models = new LinkedHashMap<>();

  synchronized JsonNode version(String name, String version) {
    return models.getOrDefault(name, Map.of()).getOrDefault(version, JSON.createObjectNode());
  }

  synchronized String inStage(String name, String stage) {
    return models.getOrDefault(name, Map.of()).values().stream()
        .filter(version -> version.path("current_stage").asText().equals(stage))
        .map(version -> version.path("version").asText())
        .collect(Collectors.joining(","));
  }

  synchronized ScriptedServer.Reply reply(String call, Map<String, String> query, JsonNode body) {
    String name = body.path("name").asText(query.getOrDefault("name", ""));
    String number = body.path("version").asText(query.getOrDefault("version", ""));
    if (call.endsWith("registered-models/alias")) {
      return ScriptedServer.error(404, "ENDPOINT_NOT_FOUND", "no aliases in this registry");
    }
    if (call.equals("POST registered-models/create")) {
      if (models.putIfAbsent(name, new LinkedHashMap<>()) != null) {
        return ScriptedServer.error(400, "RESOURCE_ALREADY_EXISTS", name);
      }
      return ScriptedServer.json("{\"registered_model\": {\"name\": \"" + name + "\"}}");
    }
    if (call.equals("GET model-versions/search")) {
      return search(query.getOrDefault("filter", ""));
    }
    Map<String, ObjectNode> versions = models.get(name);
    if (versions == null) {
      return ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "no model " + name);
    }
    if (call.equals("GET registered-models/get")) {
      return ScriptedServer.json("{\"registered_model\": {\"name\": \"" + name + "\"}}");
    }
    if (call.equals("POST model-versions/create")) {
      return create(name, versions, body);
    }
    if (call.startsWith("POST registered-models/")
        || call.startsWith("DELETE registered-models/")) {
      return ScriptedServer.json("{}");
    }
    ObjectNode version = versions.get(number);
    if (version == null) {
      return ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "no version " + number);
    }
    switch (call) {
      case "GET model-versions/get" -> {
        ObjectNode now = version.deepCopy();
        version.put("status", "READY");
        return StandInWorkspace.json(JSON.createObjectNode().set("model_version", now));
      }
      case "POST model-versions/transition-stage" -> move(versions, version, body);
      case "POST model-versions/set-tag" ->
          StandInRuns.keep(version.withArray("tags"), JSON.createArrayNode().add(tag(body)));
      case "PATCH model-versions/update" ->
          version.put("description", body.path("description").asText());
      case "DELETE model-versions/delete" -> versions.remove(number);
      default -> {
        return ScriptedServer.error(404, "ENDPOINT_NOT_FOUND", call);
      }
    }
    return ScriptedServer.json("{}");
  }

  /** What is kept of a call that sets a tag. */
  static ObjectNode tag(JsonNode body) {
    return JSON.createObjectNode()
        .put("key", body.path("key").asText())
        .put("value", body.path("value").asText());
  }

  private static ScriptedServer.Reply create(
      String name, Map<String, ObjectNode> versions, JsonNode body) {
    String number = String.valueOf(versions.size() + 1);
    ObjectNode version = JSON.createObjectNode().put("name", name).put("version", number);
    version.put("source", body.path("source").asText());
    version.put("run_id", body.path("run_id").asText());
    version.put("description", body.path("description").asText());
    version
        .put("current_stage", "None")
        .put("status", "PENDING_REGISTRATION")
        .put("creation_timestamp", System.currentTimeMillis());
    version.set("tags", body.path("tags"));
    versions.put(number, version);
    return StandInWorkspace.json(JSON.createObjectNode().set("model_version", version));
  }

  private static void move(Map<String, ObjectNode> versions, ObjectNode version, JsonNode body) {
    String stage = body.path("stage").asText();
    if (body.path("archive_existing_versions").asBoolean()) {
      versions.values().stream()
          .filter(other -> other.path("current_stage").asText().equals(stage))
          .forEach(other -> other.put("current_stage", "Archived"));
    }
    version.put("current_stage", stage);
  }

  private ScriptedServer.Reply search(String filter) {
    Matcher matcher = FILTER.matcher(filter);
    if (!matcher.matches()) {
      return ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", "filter " + filter);
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode found = answer.putArray("model_versions");
    models
        .getOrDefault(matcher.group(1), Map.of())
        .values()
        .forEach(
            version -> {
              if (matcher.group(2) == null
                  || version.path("run_id").asText().equals(matcher.group(2))) {
                found.add(version);
              }
            });
    return StandInWorkspace.json(answer);
  }
}
