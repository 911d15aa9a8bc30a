package winequality.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Unity Catalog's registry of a workspace. A version's files are brought to the catalog; it stays
 * pending until they are there and it is finalised, and is deleted if that fails.
 *
 * <p>Built from reading MLflow 3.17.2 ({@code store/_unity_catalog/registry/rest_store.py}) and
 * tried against a stand-in only. The calls are those of an MLflow server under another path, but
 * for the search, which takes one condition and leaves out aliases and tags.
 */
final class UnityCatalogCalls implements RegistryCalls {

  /** Of the path to its calls. */
  static final String ROOT = "/api/2.0/mlflow/unity-catalog/";

  private final RestCalls rest;
  private final ServerRegistryCalls common;
  private final RestCalls tracking;
  private final UnityCatalogFiles files;

  UnityCatalogCalls(RestCalls rest, RestCalls tracking, UnityCatalogFiles files) {
    this.rest = rest;
    this.common = new ServerRegistryCalls(rest, RegistryKind.UNITY_CATALOG);
    this.tracking = tracking;
    this.files = files;
  }

  @Override
  public RegistryKind kind() {
    return RegistryKind.UNITY_CATALOG;
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    CatalogName.of(name);
    return common.model(name);
  }

  @Override
  public void ensureModel(String name) {
    CatalogName.of(name);
    common.ensureModel(name);
  }

  @Override
  public List<ModelVersion> versions(String name) {
    // one by one: the search leaves out aliases and tags
    return found(name).stream().map(found -> version(name, found.version())).toList();
  }

  private List<ModelVersion> found(String name) {
    CatalogName.of(name);
    return common.search("list the versions of " + name, "name = '" + name + "'");
  }

  /** A version that is still pending has been left half-made, and does not count either. */
  @Override
  public Optional<ModelVersion> versionOf(String name, VerifiedFolder folder) {
    return madeFrom(name, folder, ModelVersion.Status.READY);
  }

  private Optional<ModelVersion> madeFrom(
      String name, VerifiedFolder folder, ModelVersion.Status status) {
    return found(name).stream()
        .filter(version -> version.runId().equals(folder.runId()))
        .filter(version -> version.source().replaceAll("/+$", "").equals(folder.uri()))
        .filter(version -> version.status() == status)
        .findFirst()
        .map(found -> version(name, found.version()));
  }

  @Override
  public ModelVersion createVersion(
      String name, VerifiedFolder folder, String description, Map<String, String> tags) {
    CatalogName catalogName = CatalogName.of(name);
    // of an earlier attempt of the same job that was ended on its way
    madeFrom(name, folder, ModelVersion.Status.PENDING)
        .ifPresent(half -> delete(name, half.version()));
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("name", name)
            .put("source", folder.uri())
            .put("run_id", folder.runId())
            .put("description", description)
            .put("feature_deps", "");
    workspaceOf(folder.runId()).ifPresent(id -> body.put("run_tracking_server_id", id));
    TrackingCalls.pairs(body.putArray("tags"), CatalogTags.of(tags).entrySet());
    String operation = "create a version of registered model " + name;
    ModelVersion created =
        rest.retrier()
            .create(
                () ->
                    RegistryAnswers.version(
                        rest.postOnce(operation, "model-versions/create", body)
                            .path("model_version")),
                () -> madeFrom(name, folder, ModelVersion.Status.PENDING));
    return HalfMadeVersions.finish(
        created,
        folder,
        version ->
            files.bring(catalogName, version.version(), location(name, version.version()), folder),
        this::finalized,
        () -> delete(name, created.version()));
  }

  private ModelVersion finalized(ModelVersion version) {
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("name", version.name())
            .put("version", version.version());
    return RegistryAnswers.version(
        rest.post(
                "finalise version " + version.version() + " of " + version.name(),
                "model-versions/finalize",
                body)
            .path("model_version"));
  }

  private String location(String name, String version) {
    return rest.get(
            "look up where version " + version + " of " + name + " belongs",
            "model-versions/get",
            Map.of("name", name, "version", version))
        .path("model_version")
        .path("storage_location")
        .asText();
  }

  @Override
  public Optional<ArtifactStore> files(ModelVersion version) {
    return files.reading(
        CatalogName.of(version.name()),
        version.version(),
        location(version.name(), version.version()));
  }

  /** The workspace that keeps the run, by which the catalog links to it, if it is one. */
  private Optional<String> workspaceOf(String runId) {
    return tracking.header(
        "look up the workspace of run " + runId,
        "runs/get",
        Map.of("run_id", runId),
        "x-databricks-org-id");
  }

  @Override
  public Optional<ModelVersion> find(String name, String version) {
    return common.find(name, version);
  }

  @Override
  public ModelVersion version(String name, String version) {
    return common.version(name, version);
  }

  @Override
  public void setModelTag(String name, String key, String value) {
    common.setModelTag(name, key, value);
  }

  @Override
  public void deleteModelTag(String name, String key) {
    common.deleteModelTag(name, key);
  }

  @Override
  public void setTags(String name, String version, Map<String, String> tags) {
    common.setTags(name, version, CatalogTags.of(tags));
  }

  @Override
  public void deleteTag(String name, String version, String key) {
    common.deleteTag(name, version, key);
  }

  @Override
  public void describe(String name, String version, String description) {
    common.describe(name, version, description);
  }

  @Override
  public void setAlias(String name, String alias, String version) {
    common.setAlias(name, alias, version);
  }

  @Override
  public void deleteAlias(String name, String alias) {
    common.deleteAlias(name, alias);
  }

  @Override
  public void moveToStage(String name, String version, String stage) {
    common.moveToStage(name, version, stage);
  }

  @Override
  public void delete(String name, String version) {
    common.delete(name, version);
  }

  @Override
  public String url(String name, String version) {
    return common.url(name, version);
  }
}
