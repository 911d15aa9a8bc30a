package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what a registry says about models and versions. */
final class RegistryAnswers {

  private RegistryAnswers() {}

  static RegisteredModel model(JsonNode node) {
    Map<String, String> aliases = new LinkedHashMap<>();
    for (JsonNode entry : node.path("aliases")) {
      aliases.put(entry.path("alias").asText(), entry.path("version").asText());
    }
    return new RegisteredModel(node.path("name").asText(), aliases, texts(node.path("tags")));
  }

  static ModelVersion version(JsonNode node) {
    List<String> aliases = new ArrayList<>();
    // Unity Catalog writes them as it does a model's
    node.path("aliases")
        .forEach(
            alias -> aliases.add(alias.isObject() ? alias.path("alias").asText() : alias.asText()));
    return new ModelVersion(
        node.path("name").asText(),
        node.path("version").asText(),
        status(node.path("status").asText()),
        node.path("status_message").asText(),
        aliases,
        node.path("current_stage").asText("None"),
        node.path("source").asText(),
        node.path("run_id").asText(),
        node.path("description").asText(),
        texts(node.path("tags")),
        Instant.ofEpochMilli(node.path("creation_timestamp").asLong()));
  }

  /** Keys and values of a list of params or tags. */
  static Map<String, String> texts(JsonNode pairs) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (JsonNode pair : pairs) {
      texts.put(pair.path("key").asText(), pair.path("value").asText());
    }
    return texts;
  }

  static ModelVersion.Status status(String text) {
    return switch (text) {
      case "READY" -> ModelVersion.Status.READY;
      case "FAILED_REGISTRATION" -> ModelVersion.Status.FAILED;
      default -> ModelVersion.Status.PENDING;
    };
  }
}
