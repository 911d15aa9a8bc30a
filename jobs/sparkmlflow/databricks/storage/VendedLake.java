package sparkmlflow.databricks.storage;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import sparkmlflow.artifacts.FileByFileStore;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.LocalFiles;
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
 * <p>Built from reading MLflow 3.17.2 and tried against a stand-in only.
 */
public final class VendedLake extends FileByFileStore {

  private final StorageCalls storage;
  private final AzureDataLake lake;
  private final Secrets secrets;
  private final URI location;
  private final Supplier<JsonNode> vended;

  /**
   * The files below a location.
   *
   * @param location {@code abfss://container@account/path}
   * @param vended asks for credentials; it is asked again when they have expired
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

  /** The signature among the vended credentials; empty if there is none. */
  public static String signature(JsonNode vended) {
    return vended
        .path("azure_user_delegation_sas")
        .path("sas_token")
        .asText("")
        .replaceAll("^\\?", "");
  }

  @Override
  protected void put(String operation, LocalFiles.LocalFile file, String path) {
    lake.put(operation, file, address(path));
  }

  @Override
  protected void fetch(String operation, String path, Path target) {
    storage.fetch(operation, address(path), target);
  }

  private Renewable address(String path) {
    return new Renewable(
        () -> signed(location.getRawPath() + "/" + RestCalls.encodedPath(path), ""));
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    String root = location.getPath().replaceAll("^/+|/+$", "");
    return lake.list(
        "list the files of " + owner(),
        root,
        artifactPath,
        new Renewable(() -> signed("", "resource=filesystem")));
  }

  /** The location as the storage's own address. */
  private SignedUrl signed(String path, String query) {
    String signature = signature(vended.get());
    SignedUrl url =
        new SignedUrl(
            URI.create(
                "%s/%s%s?%s"
                    .formatted(
                        WorkspaceHost.secured(location),
                        location.getRawUserInfo(),
                        path,
                        query.isEmpty() ? signature : query + "&" + signature)),
            Map.of());
    secrets.remember(url);
    return url;
  }
}
