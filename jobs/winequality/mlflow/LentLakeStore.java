package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A version's files in Azure Data Lake Storage, with the temporary signature that the catalog lends
 * ({@code azure_user_delegation_sas}).
 *
 * <p>Built from reading MLflow 3.17.2 and tried against a stand-in only.
 */
final class LentLakeStore implements ArtifactStore {

  private final StorageCalls storage;
  private final AzureDataLake lake;
  private final Secrets secrets;
  private final Transfers transfers;
  private final String owner;
  private final URI location;
  private final Supplier<JsonNode> lent;

  /**
   * The files below a location.
   *
   * @param location {@code abfss://container@account/path}
   * @param lent asks for a temporary login; it is asked again when one has ended
   */
  LentLakeStore(
      StorageCalls storage,
      PartSizes sizes,
      Secrets secrets,
      Transfers transfers,
      String owner,
      URI location,
      Supplier<JsonNode> lent) {
    this.storage = storage;
    this.lake = new AzureDataLake(storage, sizes);
    this.secrets = secrets;
    this.transfers = transfers;
    this.owner = owner;
    this.location = location;
    this.lent = lent;
  }

  /** The signature in what was lent; empty if there is none. */
  static String signature(JsonNode lent) {
    return lent.path("azure_user_delegation_sas")
        .path("sas_token")
        .asText("")
        .replaceAll("^\\?", "");
  }

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    String folder = ArtifactStore.prefix(artifactPath);
    transfers.each(
        local.files(),
        file -> {
          String path = folder + file.path();
          lake.put("upload " + path + " of " + owner, file, address(path));
        });
  }

  @Override
  public void download(List<StoredFile> files, String artifactPath, Path folder) {
    transfers.each(
        files,
        file ->
            address(file.path())
                .use(
                    url -> {
                      storage.fetch(
                          "download " + file.path() + " of " + owner,
                          url,
                          folder.resolve(file.below(artifactPath)));
                      return file;
                    }));
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    String below = ArtifactStore.prefix(artifactPath);
    return lake
        .list(
            "list the files of " + owner,
            (location.getPath() + "/" + artifactPath).replaceAll("^/|/$", ""),
            new Renewable(() -> signed("", "resource=filesystem")))
        .stream()
        .map(file -> new StoredFile(below + file.path(), file.size()))
        .toList();
  }

  private Renewable address(String path) {
    return new Renewable(
        () -> signed(location.getRawPath() + "/" + RestCalls.encodedPath(path), ""));
  }

  /** The location as the storage's own address. */
  private SignedUrl signed(String path, String query) {
    String signature = signature(lent.get());
    // only a storage on this very machine, as tests have one, is called without TLS
    String scheme = WorkspaceHost.isThisMachine(location.getHost()) ? "http" : "https";
    String port = location.getPort() < 0 ? "" : ":" + location.getPort();
    SignedUrl url =
        new SignedUrl(
            URI.create(
                "%s://%s%s/%s%s?%s"
                    .formatted(
                        scheme,
                        location.getHost(),
                        port,
                        location.getRawUserInfo(),
                        path,
                        query.isEmpty() ? signature : query + "&" + signature)),
            Map.of());
    secrets.remember(url);
    return url;
  }
}
