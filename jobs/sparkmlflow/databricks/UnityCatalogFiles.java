package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.StoreDownload;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.databricks.storage.PresignedModelStore;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.StorageCalls;

/**
 * Uploads and opens the files of a version in Unity Catalog, which does not copy files itself. The
 * ways, in MLflow 3.17.2's order ({@code store/_unity_catalog/registry/rest_store.py} to write,
 * {@code store/artifact/unity_catalog_models_artifact_repo.py} to read):
 *
 * <ol>
 *   <li>the Files API under {@code /Models/}, if the workspace says that it is enabled;
 *   <li>URLs that the Files API signs, if the files are in Databricks' own storage;
 *   <li>vended credentials for the customer's storage on Azure, AWS or Google Cloud;
 *   <li>for any other storage the Files API after all; if it refuses, the message names a way out.
 * </ol>
 *
 * <p>Tested only against a stand-in.
 */
public final class UnityCatalogFiles {

  private static final Logger LOG = LoggerFactory.getLogger(UnityCatalogFiles.class);

  private final RestCalls rest;
  private final FilesApi filesApi;
  private final StorageCalls storage;
  private final CatalogStorage catalogStorage;
  private final Transfers transfers;

  public UnityCatalogFiles(
      RestCalls rest,
      FilesApi filesApi,
      StorageCalls storage,
      CatalogStorage catalogStorage,
      Transfers transfers) {
    this.rest = rest;
    this.filesApi = filesApi;
    this.storage = storage;
    this.catalogStorage = catalogStorage;
    this.transfers = transfers;
  }

  /** A version's location, and MLflow's name of the operation that needs credentials. */
  private record Place(String name, String version, String location, String operation) {

    String owner() {
      return "version " + version + " of " + name;
    }

    String root() {
      return "/Models/" + name.replace('.', '/') + "/" + version;
    }
  }

  /** Uploads all files to the version's location in the catalog and returns the listing there. */
  List<StoredFile> upload(String name, String version, String location, VerifiedFolder folder) {
    Place place = new Place(name, version, location, "MODEL_VERSION_OPERATION_READ_WRITE");
    if (filesApiEnabled()) {
      return uploaded(filesApi(place), folder);
    }
    JsonNode vended = vended(place);
    Optional<ArtifactStore> store = store(place, vended);
    if (store.isPresent()) {
      return uploaded(store.get(), folder);
    }
    try {
      return uploaded(filesApi(place), folder);
    } catch (MlflowException e) {
      throw MlflowException.refused(
          "upload the files of " + place.owner(),
          "the catalog vends %s for its storage, which this job cannot use, and the Files API refuses (%s) Log the model without registering it, and register it from Python: mlflow.set_registry_uri(\"databricks-uc\"); mlflow.register_model(\"runs:/%s/%s\", \"%s\")."
              .formatted(
                  kinds(vended), e.getMessage(), folder.runId(), folder.artifactPath(), name),
          e);
    }
  }

  private static List<StoredFile> uploaded(ArtifactStore store, VerifiedFolder folder) {
    store.upload(folder.files(), "");
    return store.list("");
  }

  /**
   * The store with the files of a finished version. Reading it takes {@code EXECUTE} on the model,
   * {@code USE CATALOG} and {@code USE SCHEMA}, but no rights on the run.
   *
   * @return empty if this job cannot use what the catalog vends and the Files API refuses too; the
   *     run has the same files
   */
  Optional<ArtifactStore> reading(String name, String version, String location) {
    Place place = new Place(name, version, location, "MODEL_VERSION_OPERATION_READ");
    if (filesApiEnabled()) {
      return Optional.of(filesApi(place));
    }
    JsonNode vended = vended(place);
    return store(place, vended).or(() -> filesApiIfOpen(place, vended));
  }

  private Optional<ArtifactStore> filesApiIfOpen(Place place, JsonNode vended) {
    ArtifactStore models = filesApi(place);
    try {
      // the listing may be permitted although files are not, so one file is fetched
      Optional<StoredFile> smallest =
          models.list("").stream().min(Comparator.comparingLong(StoredFile::size));
      smallest.ifPresent(
          file -> new StoreDownload(models, "try " + file.path(), "the Files API").content(file));
      return smallest.map(file -> models);
    } catch (MlflowException e) {
      if (e.status().isEmpty()) {
        throw e;
      }
      LOG.info(
          "The catalog vends {} for the storage of {}, which this job cannot use, and the Files API"
              + " refuses. Taking the files of its run. {}",
          kinds(vended),
          place.owner(),
          e.getMessage());
      return Optional.empty();
    }
  }

  private ArtifactStore filesApi(Place place) {
    return new FilesApiArtifactStore(filesApi, place.owner(), place.root(), transfers);
  }

  private Optional<ArtifactStore> store(Place place, JsonNode vended) {
    if (vended.path("storage_mode").asText().equals("DEFAULT_STORAGE")) {
      return Optional.of(
          new PresignedModelStore(
              rest, storage, transfers, place.owner(), place.root(), filesApi(place)));
    }
    return catalogStorage.at(place.owner(), place.location(), () -> vended(place));
  }

  /** The names of the vended credentials, without their values. */
  private static String kinds(JsonNode vended) {
    List<String> kinds = new ArrayList<>();
    vended.fieldNames().forEachRemaining(kinds::add);
    kinds.removeAll(List.of("storage_mode", "expiration_time", "encryption_details"));
    return kinds.isEmpty() ? "nothing" : String.join(", ", kinds);
  }

  private boolean filesApiEnabled() {
    try {
      return rest.get(
              "ask how models are uploaded to Unity Catalog",
              "registered-models:is-databricks-sdk-models-artifact-repository-enabled",
              Map.of())
          .path("is_databricks_sdk_models_artifact_repository_enabled")
          .asBoolean();
    } catch (MlflowException e) {
      if (e.status().isEmpty()) {
        throw e;
      }
      LOG.info("{} Assuming that the answer is no.", e.getMessage());
      return false;
    }
  }

  private JsonNode vended(Place place) {
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("name", place.name())
            .put("version", place.version())
            .put("operation", place.operation());
    String operation = "ask for credentials for the files of " + place.owner();
    return rest.post(operation, "model-versions/generate-temporary-credentials", body)
        .path("credentials");
  }
}
