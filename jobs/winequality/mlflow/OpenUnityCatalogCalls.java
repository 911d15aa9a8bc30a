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
 * The registry of an open-source Unity Catalog server ({@code uc:http://host:port}).
 *
 * <p>It has no aliases and no tags, nor has MLflow's client for it. Both are kept in the comments
 * of the versions ({@link CommentRecord}): a version's comment is all that can be changed there
 * without harm. (The model's would be one place for all aliases, but a server that was tried,
 * olai-uc-server 0.0.11, forgets with a change of it where the model's files belong.) An alias
 * moves with the one call that writes it, with a higher number, into the new version's comment; the
 * older claim is taken away after that. Other clients, {@code models:/name@alias} in Python among
 * them, do not see such aliases; they load a version by its number.
 *
 * @see <a href="https://github.com/unitycatalog/unitycatalog">Unity Catalog</a>
 */
final class OpenUnityCatalogCalls implements RegistryCalls {

  /** Of the path to its calls. */
  static final String ROOT = "/api/2.1/unity-catalog/";

  private final RestCalls rest;
  private final CatalogStorage storage;

  OpenUnityCatalogCalls(RestCalls rest, CatalogStorage storage) {
    this.rest = rest;
    this.storage = storage;
  }

  @Override
  public RegistryKind kind() {
    return RegistryKind.UNITY_CATALOG;
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    return get("look up registered model " + name, modelPath(name))
        .map(found -> new RegisteredModel(name, aliases(kept(name)), Map.of()));
  }

  @Override
  public void ensureModel(String name) {
    CatalogName parts = CatalogName.of(name);
    String operation = "create registered model " + name;
    if (get(operation, modelPath(name)).isPresent()) {
      return;
    }
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("name", parts.model())
            .put("catalog_name", parts.catalog())
            .put("schema_name", parts.schema());
    try {
      rest.post(operation, "models", body);
    } catch (MlflowException e) {
      if (e.status().orElse(0) != 409) {
        throw e;
      }
    }
  }

  @Override
  public void setModelTag(String name, String key, String value) {
    throw MlflowException.refused(
        "set tag " + key + " of registered model " + name, "this registry has no tags of models.");
  }

  @Override
  public void deleteModelTag(String name, String key) {
    // there is none
  }

  @Override
  public List<ModelVersion> versions(String name) {
    List<Kept> all = kept(name);
    Map<String, String> aliases = aliases(all);
    return all.stream().map(kept -> version(name, kept, aliases)).toList();
  }

  @Override
  public Optional<ModelVersion> find(String name, String version) {
    return versions(name).stream().filter(found -> found.version().equals(version)).findFirst();
  }

  @Override
  public ModelVersion version(String name, String version) {
    return find(name, version)
        .orElseThrow(
            () ->
                MlflowException.refused(
                    "look up version " + version + " of " + name, "there is none."));
  }

  /** A version that is still pending has been left half-made, and does not count either. */
  @Override
  public Optional<ModelVersion> versionOf(String name, VerifiedFolder folder) {
    return madeFrom(name, folder, ModelVersion.Status.READY);
  }

  private Optional<ModelVersion> madeFrom(
      String name, VerifiedFolder folder, ModelVersion.Status status) {
    return versions(name).stream()
        .filter(version -> version.runId().equals(folder.run().id()))
        .filter(version -> version.source().equals(folder.uri()))
        .filter(version -> version.status() == status)
        .findFirst();
  }

  @Override
  public ModelVersion createVersion(
      String name, VerifiedFolder folder, String description, Map<String, String> tags) {
    CatalogName parts = CatalogName.of(name);
    // of an earlier attempt of the same job that was ended on its way
    madeFrom(name, folder, ModelVersion.Status.PENDING)
        .ifPresent(half -> delete(name, half.version()));
    ObjectNode body =
        named(parts)
            .put("source", folder.uri())
            .put("run_id", folder.run().id())
            .put("comment", new CommentRecord(description, Map.of(), tags).text());
    String operation = "create a version of registered model " + name;
    String number =
        rest.retrier()
            .create(
                () -> rest.postOnce(operation, "models/versions", body).path("version").asText(),
                () ->
                    madeFrom(name, folder, ModelVersion.Status.PENDING).map(ModelVersion::version));
    return HalfMadeVersions.finish(
        version(name, number),
        folder,
        version -> bring(parts, name, number, folder),
        version -> finalized(name, number),
        () -> delete(name, number));
  }

  private List<StoredFile> bring(
      CatalogName parts, String name, String version, VerifiedFolder folder) {
    String operation = "bring the files of version " + version + " of " + name;
    String location =
        get(operation, versionPath(name, version))
            .map(found -> found.path("storage_location").asText(""))
            .orElse("");
    ObjectNode body =
        named(parts)
            .put("version", Long.parseLong(version))
            .put("operation", "READ_WRITE_MODEL_VERSION");
    return storage
        .bring(
            operation,
            location,
            () -> rest.post(operation, "temporary-model-version-credentials", body),
            folder.files())
        .orElseThrow(
            () ->
                MlflowException.refused(
                    operation,
                    "the catalog keeps them in \"%s\"; this job brings files to shared folders (file:) and, with a signature that the catalog lends, to Azure (abfss:). Let Python register the run's model: mlflow.set_registry_uri(\"uc:%s\"); mlflow.register_model(\"runs:/%s/%s\", \"%s\"), and set registry.enabled = false for this job."
                        .formatted(
                            location,
                            rest.endpoint().base(),
                            folder.run().id(),
                            folder.artifactPath(),
                            name)));
  }

  private ModelVersion finalized(String name, String version) {
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("full_name", name)
            .put("version", Long.parseLong(version));
    rest.send(
        "finalise version " + version + " of " + name,
        "PATCH",
        versionPath(name, version) + "/finalize",
        body);
    return version(name, version);
  }

  @Override
  public void setTags(String name, String version, Map<String, String> tags) {
    change("set tags", name, version, comment -> comment.withTags(tags));
  }

  @Override
  public void deleteTag(String name, String version, String key) {
    change("delete tag " + key, name, version, comment -> comment.withoutTag(key));
  }

  @Override
  public void describe(String name, String version, String description) {
    change("change the description", name, version, comment -> comment.described(description));
  }

  @Override
  public void setAlias(String name, String alias, String version) {
    List<Kept> all = kept(name);
    long giving = 1 + all.stream().mapToLong(kept -> kept.claim(alias)).max().orElse(0);
    change("point alias " + alias, name, version, comment -> comment.withAlias(alias, giving));
    // the alias has moved; what follows only tidies up
    for (Kept other : all) {
      if (other.claim(alias) > 0 && !other.version().equals(version)) {
        change(
            "take alias " + alias + " away",
            name,
            other.version(),
            comment -> comment.withoutAlias(alias));
      }
    }
  }

  @Override
  public void deleteAlias(String name, String alias) {
    List<Kept> claims = new ArrayList<>(kept(name));
    claims.removeIf(kept -> kept.claim(alias) == 0);
    // the one that counts last, so that no older one counts meanwhile
    claims.sort(Comparator.comparingLong(kept -> kept.claim(alias)));
    for (Kept kept : claims) {
      change(
          "take alias " + alias + " away",
          name,
          kept.version(),
          comment -> comment.withoutAlias(alias));
    }
  }

  @Override
  public void moveToStage(String name, String version, String stage) {
    throw MlflowException.refused(
        "move version " + version + " of " + name + " to stage " + stage,
        "this registry has no stages. Set registry.lifecycle = aliases.");
  }

  @Override
  public void delete(String name, String version) {
    try {
      rest.tell(
          "delete version " + version + " of " + name,
          "DELETE",
          versionPath(name, version),
          RestCalls.JSON.createObjectNode());
    } catch (MlflowException e) {
      if (e.status().orElse(0) != 404) {
        throw e;
      }
    }
  }

  @Override
  public String url(String name, String version) {
    return rest.endpoint().api(versionPath(name, version)).toString();
  }

  private void change(
      String what, String name, String version, UnaryOperator<CommentRecord> change) {
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

  /** A version as the server has it, with what its comment holds. */
  private record Kept(JsonNode node, CommentRecord comment) {
    String version() {
      return node.path("version").asText();
    }

    /** 0 if the version does not claim the alias. */
    long claim(String alias) {
      return comment.aliases().getOrDefault(alias, 0L);
    }
  }

  /** The newest first; none if there is no such model. */
  private List<Kept> kept(String name) {
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

  private static Map<String, String> aliases(List<Kept> all) {
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

  private static ModelVersion version(String name, Kept kept, Map<String, String> aliases) {
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

  private Optional<JsonNode> get(String operation, String path) {
    try {
      return Optional.of(rest.get(operation, path, Map.of()));
    } catch (MlflowException e) {
      if (e.status().orElse(0) == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static ObjectNode named(CatalogName name) {
    return RestCalls.JSON
        .createObjectNode()
        .put("model_name", name.model())
        .put("catalog_name", name.catalog())
        .put("schema_name", name.schema());
  }

  private static String modelPath(String name) {
    CatalogName.of(name);
    return "models/" + RestCalls.encoded(name);
  }

  private static String versionPath(String name, String version) {
    return modelPath(name) + "/versions/" + RestCalls.encoded(version);
  }
}
