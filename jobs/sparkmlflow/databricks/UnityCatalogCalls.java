package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredModel;
import sparkmlflow.registry.RegistryAnswers;
import sparkmlflow.registry.RegistryKind;
import sparkmlflow.registry.ServerRegistryCalls;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.RestCalls;

/**
 * Unity Catalog's registry of a workspace. A version's files are brought to the catalog; it stays
 * pending until they are there and it is finalised, and is deleted if that fails.
 *
 * <p>Built from reading MLflow 3.17.2 ({@code store/_unity_catalog/registry/rest_store.py}) and
 * tried against a stand-in only. The calls are those of an MLflow server under another path, but
 * for the search, which takes one condition and leaves out aliases and tags.
 */
public final class UnityCatalogCalls extends ServerRegistryCalls {

  /** Of the path to its calls. */
  public static final String ROOT = "/api/2.0/mlflow/unity-catalog/";

  private final RestCalls rest;
  private final RestCalls tracking;
  private final UnityCatalogFiles files;

  public UnityCatalogCalls(RestCalls rest, RestCalls tracking, UnityCatalogFiles files) {
    super(rest, RegistryKind.UNITY_CATALOG);
    this.rest = rest;
    this.tracking = tracking;
    this.files = files;
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    return super.model(CatalogName.required(name));
  }

  @Override
  public List<ModelVersion> versions(String name) {
    // one by one: the search leaves out aliases and tags
    return found(name).stream().map(found -> version(name, found.version())).toList();
  }

  private List<ModelVersion> found(String name) {
    return search("list the versions of " + name, "name = '" + CatalogName.required(name) + "'");
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
    // of an earlier attempt of the same job that was ended on its way
    madeFrom(name, folder, ModelVersion.Status.PENDING)
        .ifPresent(half -> delete(name, half.version()));
    ObjectNode body =
        named(name)
            .put("source", folder.uri())
            .put("run_id", folder.runId())
            .put("description", description)
            .put("feature_deps", "");
    workspaceOf(folder.runId()).ifPresent(id -> body.put("run_tracking_server_id", id));
    TrackingCalls.pairs(body.putArray("tags"), CatalogTags.of(tags).entrySet());
    String version =
        created(name, body, () -> madeFrom(name, folder, ModelVersion.Status.PENDING)).version();
    try {
      requireAll(name, version, folder);
      return finalized(name, version);
    } catch (RuntimeException | Error e) {
      try {
        delete(name, version);
      } catch (RuntimeException undeleted) {
        e.addSuppressed(undeleted);
      }
      throw e;
    }
  }

  /** Brings the files; the catalog then has to list all of them. */
  private void requireAll(String name, String version, VerifiedFolder folder) {
    List<StoredFile> listed = files.bring(name, version, location(name, version), folder);
    List<String> problems = VerifiedFolder.differences("", folder.files(), listed);
    if (!problems.isEmpty()) {
      throw MlflowException.refused(
          "bring the files of version " + version + " of " + name,
          "what the registry lists differs from the %d local files: %s. The version was taken back; run the job again."
              .formatted(folder.files().files().size(), VerifiedFolder.named(problems)));
    }
  }

  private ModelVersion finalized(String name, String version) {
    String operation = "finalise version " + version + " of " + name;
    return RegistryAnswers.version(
        operation,
        rest.post(operation, "model-versions/finalize", versioned(name, version))
            .path("model_version"));
  }

  private String location(String name, String version) {
    String operation = "look up where version " + version + " of " + name + " belongs";
    return Answers.text(
        operation,
        rest.get(operation, "model-versions/get", Map.of("name", name, "version", version))
            .path("model_version"),
        "storage_location");
  }

  @Override
  public Optional<ArtifactStore> files(ModelVersion version) {
    return files.reading(
        CatalogName.required(version.name()),
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
  public void setTags(String name, String version, Map<String, String> tags) {
    super.setTags(name, version, CatalogTags.of(tags));
  }
}
