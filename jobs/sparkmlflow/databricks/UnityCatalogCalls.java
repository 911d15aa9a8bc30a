package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredModel;
import sparkmlflow.registry.RegistryKind;
import sparkmlflow.registry.ServerRegistryCalls;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.RestCalls;

/**
 * Unity Catalog's model registry. A new version is pending until its files are in the catalog's
 * storage and it is finalised; if that fails, it is deleted.
 *
 * <p>The calls are those of an MLflow server under another path. Only the search differs: it takes
 * one condition and omits aliases and tags.
 *
 * <p>Built from MLflow 3.17.2 ({@code store/_unity_catalog/registry/rest_store.py}); tested only
 * against a stand-in.
 */
public final class UnityCatalogCalls extends ServerRegistryCalls {

  public static final String ROOT = "/api/2.0/mlflow/unity-catalog/";

  // Unity Catalog forbids dots, blanks, slashes and control characters in each part of a name
  private static final Pattern NAME =
      Pattern.compile("[^.\\s/\\p{Cntrl}]+(\\.[^.\\s/\\p{Cntrl}]+){2}");

  private final RestCalls tracking;
  private final UnityCatalogFiles files;

  public UnityCatalogCalls(RestCalls rest, RestCalls tracking, UnityCatalogFiles files) {
    super(rest, RegistryKind.UNITY_CATALOG);
    this.tracking = tracking;
    this.files = files;
  }

  /** What is wrong with a model's name, as the rest of a sentence that begins with it. */
  public static Optional<String> nameProblem(String name) {
    return NAME.matcher(name).matches()
        ? Optional.empty()
        : Optional.of(
            "it must have three parts for Unity Catalog, catalog.schema.model, without blanks and"
                + " slashes, such as main.ml."
                + name.replaceAll(".*\\.|[\\s/]", ""));
  }

  private static String checked(String name) {
    nameProblem(name)
        .ifPresent(
            problem -> {
              throw MlflowException.refused(
                  "use the registered model " + name,
                  "the name is \"" + name + "\"; " + problem + ".");
            });
    return name;
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    return super.model(checked(name));
  }

  @Override
  public List<ModelVersion> versions(String name) {
    // one by one: the search omits aliases and tags
    return found(name).stream().map(found -> version(name, found.version())).toList();
  }

  private List<ModelVersion> found(String name) {
    return search("list the versions of " + name, "name = '" + checked(name) + "'");
  }

  /** A pending version is incomplete, so it does not count either. */
  @Override
  public Optional<ModelVersion> versionOf(String name, VerifiedFolder folder) {
    return madeFrom(name, folder, ModelVersion.Status.READY);
  }

  private Optional<ModelVersion> madeFrom(
      String name, VerifiedFolder folder, ModelVersion.Status status) {
    return found(name).stream()
        .filter(version -> version.runId().equals(folder.runId()))
        .filter(version -> hasSource(version, folder))
        .filter(version -> version.status() == status)
        .findFirst()
        .map(found -> version(name, found.version()));
  }

  @Override
  public ModelVersion createVersion(
      String name, VerifiedFolder folder, String description, Map<String, String> tags) {
    // left by an earlier attempt of the same job that was killed
    madeFrom(name, folder, ModelVersion.Status.PENDING)
        .ifPresent(half -> delete(name, half.version()));
    ObjectNode body =
        newVersion(name, folder, description, CatalogTags.of(tags)).put("feature_deps", "");
    // the workspace that keeps the run, so that the catalog links to it
    tracking
        .header(
            "look up the workspace of run " + folder.runId(),
            "runs/get",
            Map.of("run_id", folder.runId()),
            "x-databricks-org-id")
        .ifPresent(id -> body.put("run_tracking_server_id", id));
    String version =
        created(name, body, () -> madeFrom(name, folder, ModelVersion.Status.PENDING)).version();
    try {
      upload(name, version, folder);
      String operation = "finalise version " + version + " of " + name;
      JsonNode answer = rest.post(operation, "model-versions/finalize", versioned(name, version));
      return versionIn(operation, answer.path("model_version"));
    } catch (RuntimeException | Error e) {
      try {
        delete(name, version);
      } catch (RuntimeException undeleted) {
        e.addSuppressed(undeleted);
      }
      throw e;
    }
  }

  /** Uploads the files and checks that the catalog lists all of them. */
  private void upload(String name, String version, VerifiedFolder folder) {
    List<StoredFile> listed = files.upload(name, version, location(name, version), folder);
    List<String> problems = VerifiedFolder.differences("", folder.files(), listed);
    if (!problems.isEmpty()) {
      throw MlflowException.refused(
          "upload the files of version " + version + " of " + name,
          "the registry's listing differs from the %d local files: %s. The version is deleted; run the job again."
              .formatted(folder.files().files().size(), VerifiedFolder.named(problems)));
    }
  }

  private String location(String name, String version) {
    String operation = "look up the storage location of version " + version + " of " + name;
    JsonNode answer =
        rest.get(operation, "model-versions/get", Map.of("name", name, "version", version));
    return Answers.text(operation, answer.path("model_version"), "storage_location");
  }

  @Override
  public Optional<ArtifactStore> files(ModelVersion version) {
    String name = checked(version.name());
    return files.reading(name, version.version(), location(name, version.version()));
  }

  @Override
  public void setTags(String name, String version, Map<String, String> tags) {
    super.setTags(name, version, CatalogTags.of(tags));
  }
}
