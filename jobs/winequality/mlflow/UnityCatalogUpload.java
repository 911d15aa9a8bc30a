package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a version's files to Unity Catalog of a workspace, which copies none itself. The ways, in
 * MLflow 3.17.2's order ({@code store/_unity_catalog/registry/rest_store.py}):
 *
 * <ol>
 *   <li>the Files API under {@code /Models/}, where the workspace says that it is open;
 *   <li>addresses that the Files API signs, where the catalog's storage is Databricks' own;
 *   <li>a temporary signature for the customer's storage on Azure;
 *   <li>on other clouds the Files API after all, and, if it refuses, a message with the way out.
 * </ol>
 *
 * <p>Built from reading and tried against a stand-in only.
 */
final class UnityCatalogUpload {

  private static final Logger LOG = LoggerFactory.getLogger(UnityCatalogUpload.class);

  private final RestCalls rest;
  private final FilesApi filesApi;
  private final StorageCalls storage;
  private final CatalogStorage catalogStorage;
  private final Transfers transfers;

  UnityCatalogUpload(
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

  /**
   * Brings all files, and lists what is there then, with paths relative to the version.
   *
   * @param location where the catalog says the files belong
   */
  List<StoredFile> bring(CatalogName name, String version, String location, VerifiedFolder folder) {
    String operation = "bring the files of version " + version + " of " + full(name);
    String root = "/Models/" + name.path() + "/" + version;
    ArtifactStore models =
        new FilesApiArtifactStore(
            filesApi, "version " + version + " of " + full(name), root, transfers);
    if (saysFilesApi()) {
      models.upload(folder.files(), "");
      return models.list("");
    }
    JsonNode lent = lent(operation, name, version);
    if (lent.path("storage_mode").asText().equals("DEFAULT_STORAGE")) {
      transfers.each(
          folder.files().files(),
          file ->
              new Renewable(() -> uploadAddress(operation, root + "/" + file.path()))
                  .use(
                      url ->
                          storage.send(
                              operation, "PUT", url, () -> FileBodies.of(operation, file.file()))));
      return models.list("");
    }
    Optional<List<StoredFile>> stored =
        catalogStorage.bring(
            operation, location, () -> lent(operation, name, version), folder.files());
    return stored.orElseGet(() -> byFilesApiAfterAll(operation, models, lent, name, folder));
  }

  private List<StoredFile> byFilesApiAfterAll(
      String operation,
      ArtifactStore models,
      JsonNode lent,
      CatalogName name,
      VerifiedFolder folder) {
    try {
      models.upload(folder.files(), "");
      return models.list("");
    } catch (MlflowException e) {
      throw MlflowException.refused(
          operation,
          "the catalog lends %s for its storage, which this job does not speak, and the Files API refuses (%s) Let a Python task register the run's model (deploy/databricks/register-in-python.yml does): mlflow.set_registry_uri(\"databricks-uc\"); mlflow.register_model(\"runs:/%s/%s\", \"%s\"), and set registry.enabled = false for this job."
              .formatted(
                  cloud(lent),
                  e.getMessage(),
                  folder.run().id(),
                  folder.artifactPath(),
                  full(name)),
          e);
    }
  }

  /** The names of what was lent, without a value. */
  private static String cloud(JsonNode lent) {
    for (String kind : List.of("aws_temp_credentials", "gcp_oauth_token", "r2_temp_credentials")) {
      if (lent.has(kind)) {
        return kind;
      }
    }
    return "nothing known";
  }

  private boolean saysFilesApi() {
    try {
      return rest.get(
              "ask how models are brought to Unity Catalog",
              "registered-models:is-databricks-sdk-models-artifact-repository-enabled",
              Map.of())
          .path("is_databricks_sdk_models_artifact_repository_enabled")
          .asBoolean();
    } catch (MlflowException e) {
      if (e.status().isEmpty()) {
        throw e;
      }
      LOG.info("{} Going on as if the answer were no.", e.getMessage());
      return false;
    }
  }

  private JsonNode lent(String operation, CatalogName name, String version) {
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("name", full(name))
            .put("version", version)
            .put("operation", "MODEL_VERSION_OPERATION_READ_WRITE");
    return rest.post(operation, "model-versions/generate-temporary-credentials", body)
        .path("credentials");
  }

  private SignedUrl uploadAddress(String operation, String path) {
    ObjectNode body = RestCalls.JSON.createObjectNode().put("path", path);
    return SignedUrl.in(rest.post(operation, "/api/2.0/fs/create-upload-url", body), "url");
  }

  private static String full(CatalogName name) {
    return name.path().replace('/', '.');
  }
}
