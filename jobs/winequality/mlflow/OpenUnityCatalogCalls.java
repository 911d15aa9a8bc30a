package winequality.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  private final CommentedVersions versions;

  OpenUnityCatalogCalls(RestCalls rest, CatalogStorage storage) {
    this.rest = rest;
    this.storage = storage;
    this.versions = new CommentedVersions(rest);
  }

  @Override
  public RegistryKind kind() {
    return RegistryKind.UNITY_CATALOG;
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    return versions
        .get("look up registered model " + name, CommentedVersions.modelPath(name))
        .map(
            found ->
                new RegisteredModel(name, CommentedVersions.aliases(versions.of(name)), Map.of()));
  }

  @Override
  public void ensureModel(String name) {
    CatalogName parts = CatalogName.of(name);
    String operation = "create registered model " + name;
    if (versions.get(operation, CommentedVersions.modelPath(name)).isPresent()) {
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
    List<CommentedVersions.Kept> all = versions.of(name);
    Map<String, String> aliases = CommentedVersions.aliases(all);
    return all.stream().map(kept -> CommentedVersions.shown(name, kept, aliases)).toList();
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
        .filter(version -> version.runId().equals(folder.runId()))
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
            .put("run_id", folder.runId())
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
    String location = location(operation, name, version);
    ArtifactStore store =
        store(operation, parts, version, location, "READ_WRITE_MODEL_VERSION")
            .orElseThrow(
                () ->
                    MlflowException.refused(
                        operation,
                        "the catalog keeps them in \"%s\"; this job brings files to shared folders (file:) and, with a signature that the catalog lends, to Azure (abfss:). Let Python register the run's model: mlflow.set_registry_uri(\"uc:%s\"); mlflow.register_model(\"runs:/%s/%s\", \"%s\"), and set registry.enabled = false for this job."
                            .formatted(
                                location,
                                rest.endpoint().base(),
                                folder.runId(),
                                folder.artifactPath(),
                                name)));
    store.upload(folder.files(), "");
    return store.list("");
  }

  @Override
  public Optional<ArtifactStore> files(ModelVersion version) {
    String operation = "find the files of version " + version.version() + " of " + version.name();
    // a folder that this machine does not share with the catalog's server: its run has them too
    return store(
            operation,
            CatalogName.of(version.name()),
            version.version(),
            location(operation, version.name(), version.version()),
            "READ_MODEL_VERSION")
        .filter(store -> !(store instanceof SharedFolderStore folder) || folder.isHere());
  }

  private String location(String operation, String name, String version) {
    return versions
        .get(operation, CommentedVersions.versionPath(name, version))
        .map(found -> found.path("storage_location").asText(""))
        .orElse("");
  }

  private Optional<ArtifactStore> store(
      String operation, CatalogName name, String version, String location, String use) {
    ObjectNode body = named(name).put("version", Long.parseLong(version)).put("operation", use);
    return storage.at(
        "version " + version + " of " + name.dotted(),
        location,
        () -> rest.post(operation, "temporary-model-version-credentials", body));
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
        CommentedVersions.versionPath(name, version) + "/finalize",
        body);
    return version(name, version);
  }

  @Override
  public void setTags(String name, String version, Map<String, String> tags) {
    versions.change("set tags", name, version, comment -> comment.withTags(tags));
  }

  @Override
  public void deleteTag(String name, String version, String key) {
    versions.change("delete tag " + key, name, version, comment -> comment.withoutTag(key));
  }

  @Override
  public void describe(String name, String version, String description) {
    versions.change(
        "change the description", name, version, comment -> comment.described(description));
  }

  @Override
  public void setAlias(String name, String alias, String version) {
    List<CommentedVersions.Kept> all = versions.of(name);
    long giving = 1 + all.stream().mapToLong(kept -> kept.claim(alias)).max().orElse(0);
    versions.change(
        "point alias " + alias, name, version, comment -> comment.withAlias(alias, giving));
    // the alias has moved; what follows only tidies up
    for (CommentedVersions.Kept other : all) {
      if (other.claim(alias) > 0 && !other.version().equals(version)) {
        versions.change(
            "take alias " + alias + " away",
            name,
            other.version(),
            comment -> comment.withoutAlias(alias));
      }
    }
  }

  @Override
  public void deleteAlias(String name, String alias) {
    List<CommentedVersions.Kept> claims = new ArrayList<>(versions.of(name));
    claims.removeIf(kept -> kept.claim(alias) == 0);
    // the one that counts last, so that no older one counts meanwhile
    claims.sort(Comparator.comparingLong(kept -> kept.claim(alias)));
    for (CommentedVersions.Kept kept : claims) {
      versions.change(
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
          CommentedVersions.versionPath(name, version),
          RestCalls.JSON.createObjectNode());
    } catch (MlflowException e) {
      if (e.status().orElse(0) != 404) {
        throw e;
      }
    }
  }

  @Override
  public String url(String name, String version) {
    return rest.endpoint().api(CommentedVersions.versionPath(name, version)).toString();
  }

  private static ObjectNode named(CatalogName name) {
    return RestCalls.JSON
        .createObjectNode()
        .put("model_name", name.model())
        .put("catalog_name", name.catalog())
        .put("schema_name", name.schema());
  }
}
