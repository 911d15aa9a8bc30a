package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The versions of an open-source Unity Catalog server, with the aliases and tags that their
 * comments hold.
 */
final class CommentedVersions {

  private final RestCalls rest;

  CommentedVersions(RestCalls rest) {
    this.rest = rest;
  }

  /** A version as the server has it, with what its comment holds. */
  record Kept(JsonNode node, CommentRecord comment) {
    String version() {
      return node.path("version").asText();
    }

    /** 0 if the version does not claim the alias. */
    long claim(String alias) {
      return comment.aliases().getOrDefault(alias, 0L);
    }
  }

  /** The newest first; none if there is no such model. */
  List<Kept> of(String name) {
    List<Kept> all = new ArrayList<>();
    String pageToken = "";
    do {
      String query = pageToken.isEmpty() ? "" : "?page_token=" + RestCalls.encoded(pageToken);
      Optional<JsonNode> answer =
          get("list the versions of " + name, modelPath(name) + "/versions" + query);
      answer.ifPresent(
          found ->
              found
                  .path("model_versions")
                  .forEach(
                      node ->
                          all.add(
                              new Kept(
                                  node, CommentRecord.parse(node.path("comment").asText(""))))));
      pageToken = answer.map(found -> found.path("next_page_token").asText("")).orElse("");
    } while (!pageToken.isEmpty());
    all.sort(Comparator.comparingLong((Kept kept) -> Long.parseLong(kept.version())).reversed());
    return all;
  }

  /** Who has each alias: of several claims the highest counts. */
  static Map<String, String> aliases(List<Kept> all) {
    Map<String, Kept> holders = new LinkedHashMap<>();
    for (Kept kept : all) {
      for (String alias : kept.comment().aliases().keySet()) {
        holders.merge(
            alias, kept, (one, other) -> one.claim(alias) >= other.claim(alias) ? one : other);
      }
    }
    Map<String, String> aliases = new LinkedHashMap<>();
    holders.forEach((alias, holder) -> aliases.put(alias, holder.version()));
    return aliases;
  }

  /** A version as every registry shows one. */
  static ModelVersion shown(String name, Kept kept, Map<String, String> aliases) {
    JsonNode node = kept.node();
    return new ModelVersion(
        name,
        kept.version(),
        RegistryAnswers.status(node.path("status").asText()),
        "",
        aliases.entrySet().stream()
            .filter(entry -> entry.getValue().equals(kept.version()))
            .map(Map.Entry::getKey)
            .toList(),
        "None",
        node.path("source").asText(),
        node.path("run_id").asText(),
        kept.comment().description(),
        kept.comment().tags(),
        Instant.ofEpochMilli(node.path("created_at").asLong()));
  }

  /** Writes a version's comment anew. */
  void change(String what, String name, String version, UnaryOperator<CommentRecord> change) {
    String operation = what + " of version " + version + " of " + name;
    JsonNode now =
        get(operation, versionPath(name, version))
            .orElseThrow(() -> MlflowException.refused(operation, "there is no such version."));
    CommentRecord comment = CommentRecord.parse(now.path("comment").asText(""));
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("full_name", name)
            .put("version", Long.parseLong(version))
            .put("comment", change.apply(comment).text());
    rest.send(operation, "PATCH", versionPath(name, version), body);
  }

  /** The answer, unless there is no such thing. */
  Optional<JsonNode> get(String operation, String path) {
    try {
      return Optional.of(rest.get(operation, path, Map.of()));
    } catch (MlflowException e) {
      if (e.status().orElse(0) == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  static String modelPath(String name) {
    CatalogName.of(name);
    return "models/" + RestCalls.encoded(name);
  }

  static String versionPath(String name, String version) {
    return modelPath(name) + "/versions/" + RestCalls.encoded(version);
  }
}
