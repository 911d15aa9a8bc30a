package sparkmlflow.databricks.storage;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import sparkmlflow.artifacts.FileByFileStore;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.Secrets;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;
import sparkmlflow.wire.WorkspaceHost;

/**
 * Azure Data Lake Storage, with the signature that the catalog vends ({@code
 * azure_user_delegation_sas}).
 *
 * <p>Built from MLflow 3.17.2; tested only against a stand-in.
 */
public final class VendedLake extends FileByFileStore {
  private final StorageCalls storage;
  private final AzureDataLake lake;
  private final Secrets secrets;
  private final URI location;
  private final Supplier<JsonNode> vended;

  /**
   * @param location {@code abfss://container@account/path}
   * @param vended requests credentials; called again when they have expired
   */
  public VendedLake(
      String owner,
      Transfers transfers,
      StorageCalls storage,
      AzureDataLake lake,
      Secrets secrets,
      URI location,
      Supplier<JsonNode> vended) {
    super(owner, transfers);
    this.storage = storage;
    this.lake = lake;
    this.secrets = secrets;
    this.location = location;
    this.vended = vended;
  }

  /** The signature in the vended credentials; empty if they hold none. */
  public static String signature(JsonNode vended) {
    JsonNode token = vended.path("azure_user_delegation_sas").path("sas_token");
    return token.asText("").replaceAll("^\\?", "");
  }

  @Override
  protected void put(String operation, LocalFiles.LocalFile file, String path) {
    lake.put(operation, file, address(path));
  }

  @Override
  protected void fetch(String operation, StoredFile file, Path target) {
    storage.fetch(operation, address(file.path()), file.size(), target);
  }

  private Renewable address(String path) {
    return signed(location.getRawPath() + "/" + RestCalls.encodedPath(path) + "?");
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    String root = location.getPath().replaceAll("^/+|/+$", "");
    Renewable container = signed("?resource=filesystem&");
    return lake.list("list the files of " + owner(), root, artifactPath, container);
  }

  private Renewable signed(String pathAndQuery) {
    String server = WorkspaceHost.secured(location);
    return new Renewable(
        () -> {
          String address =
              server + "/" + location.getRawUserInfo() + pathAndQuery + signature(vended.get());
          SignedUrl url = new SignedUrl(URI.create(address), Map.of());
          secrets.remember(url);
          return url;
        });
  }
}
