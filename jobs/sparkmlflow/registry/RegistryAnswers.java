package sparkmlflow.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sparkmlflow.wire.Answers;

/**
 * Reads what a registry says about models and versions.
 *
 * <p>A version may lack a run, a source, a stage and texts: others register from elsewhere.
 */
public final class RegistryAnswers {

  private RegistryAnswers() {}

  /** The model in an answer. */
  static RegisteredModel model(String operation, JsonNode answer) {
    JsonNode node = answer.path("registered_model");
    Answers.text(operation, node, "name");
    Map<String, String> aliases = new LinkedHashMap<>();
    for (JsonNode entry : node.path("aliases")) {
      aliases.put(
          Answers.text(operation, entry, "alias"), Answers.text(operation, entry, "version"));
    }
    return new RegisteredModel(aliases, Answers.texts(operation, node.path("tags")));
  }

  /** The version in an answer. */
  public static ModelVersion version(String operation, JsonNode node) {
    List<String> aliases = new ArrayList<>();
    // Unity Catalog writes them as it does a model's
    node.path("aliases")
        .forEach(
            alias ->
                aliases.add(
                    alias.isObject() ? Answers.text(operation, alias, "alias") : alias.asText()));
    return new ModelVersion(
        Answers.text(operation, node, "name"),
        Answers.text(operation, node, "version"),
        status(Answers.text(operation, node, "status")),
        node.path("status_message").asText(),
        aliases,
        node.path("current_stage").asText("None"),
        node.path("source").asText(),
        node.path("run_id").asText(),
        node.path("description").asText(),
        Answers.texts(operation, node.path("tags")),
        Instant.ofEpochMilli(Answers.number(operation, node, "creation_timestamp")));
  }

  private static ModelVersion.Status status(String text) {
    return switch (text) {
      case "READY" -> ModelVersion.Status.READY;
      case "FAILED_REGISTRATION" -> ModelVersion.Status.FAILED;
      default -> ModelVersion.Status.PENDING;
    };
  }
}
