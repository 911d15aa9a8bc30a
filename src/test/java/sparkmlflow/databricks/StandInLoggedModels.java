package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import sparkmlflow.ScriptedServer;

/**
 * MLflow 3's logged models in a workspace, as far as MLflow's Python uses them to log a model: it
 * makes one, uploads its files through the Files API, and ends it. A logged model takes no more
 * files or another end than READY and FAILED. The jobs of this project do not make any.
 */
final class StandInLoggedModels {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, ObjectNode> models = new LinkedHashMap<>();

  synchronized boolean has(String id) {
    return models.containsKey(id);
  }

  synchronized ScriptedServer.Reply reply(String call, JsonNode body) {
    if (call.equals("POST logged-models")) {
      return shown(made(body));
    }
    String[] parts = call.split("[ /]", -1);
    ObjectNode model = parts.length < 3 ? null : models.get(parts[2]);
    if (model == null) {
      return ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "no logged model in " + call);
    }
    return switch (call.replace(parts[2], "ID")) {
      case "GET logged-models/ID" -> shown(model);
      case "PATCH logged-models/ID" -> ended(model, body.path("status").asText());
      case "PATCH logged-models/ID/tags" -> {
        StandInRuns.keep(model.withObject("/info").withArray("tags"), body.path("tags"));
        yield shown(model);
      }
      default -> ScriptedServer.error(404, "ENDPOINT_NOT_FOUND", "no API found for " + call);
    };
  }

  private ObjectNode made(JsonNode body) {
    String id = "m-" + (models.size() + 1);
    String experiment = body.path("experiment_id").asText();
    ObjectNode model = JSON.createObjectNode();
    model
        .putObject("info")
        .put("model_id", id)
        .put("experiment_id", experiment)
        .put("name", body.path("name").asText())
        .put("source_run_id", body.path("source_run_id").asText())
        .put("status", "LOGGED_MODEL_PENDING")
        .put("creation_timestamp_ms", System.currentTimeMillis())
        .put(
            "artifact_uri",
            "dbfs:/databricks/mlflow-tracking/%s/logged_models/%s/artifacts"
                .formatted(experiment, id))
        .set("tags", body.path("tags"));
    model.putObject("data").set("params", body.path("params"));
    models.put(id, model);
    return model;
  }

  private static ScriptedServer.Reply ended(ObjectNode model, String status) {
    ObjectNode info = (ObjectNode) model.path("info");
    if (!info.path("status").asText().equals("LOGGED_MODEL_PENDING")
        || !status.startsWith("LOGGED_MODEL_")) {
      return ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", "status " + status);
    }
    info.put("status", status);
    return shown(model);
  }

  private static ScriptedServer.Reply shown(ObjectNode model) {
    return StandInWorkspace.json(JSON.createObjectNode().set("model", model));
  }
}
