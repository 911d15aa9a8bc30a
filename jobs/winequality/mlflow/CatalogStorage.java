package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Brings files to where a catalog keeps a version's files: a folder that this machine shares with
 * it, or Azure Data Lake Storage with the temporary signature that the catalog lends.
 */
final class CatalogStorage {

  private final StorageCalls storage;
  private final PartSizes sizes;
  private final Secrets secrets;
  private final Transfers transfers;

  CatalogStorage(StorageCalls storage, PartSizes sizes, Secrets secrets, Transfers transfers) {
    this.storage = storage;
    this.sizes = sizes;
    this.secrets = secrets;
    this.transfers = transfers;
  }

  /**
   * Brings all files and lists what is there then, with paths relative to the location.
   *
   * @param lent asks for a temporary login; it is asked again when one has ended
   * @return empty if this way does not lead to such a location
   */
  Optional<List<StoredFile>> bring(
      String operation, String location, Supplier<JsonNode> lent, LocalFiles files) {
    if (location.startsWith("file:")) {
      return Optional.of(copy(operation, Path.of(URI.create(location).getPath()), files));
    }
    URI uri = URI.create(location);
    if (!"abfss".equals(uri.getScheme())
        || lent.get().path("azure_user_delegation_sas").path("sas_token").asText("").isEmpty()) {
      return Optional.empty();
    }
    AzureDataLake lake = new AzureDataLake(storage, sizes);
    transfers.each(
        files.files(),
        file ->
            lake.put(
                operation,
                file,
                new Renewable(
                    () ->
                        signed(
                            lent.get(), uri, uri.getRawPath() + "/" + encoded(file.path()), ""))));
    return Optional.of(
        lake.list(
            operation,
            uri.getPath().replaceAll("^/", ""),
            new Renewable(() -> signed(lent.get(), uri, "", "resource=filesystem"))));
  }

  /** abfss://container@account/path, as the storage's own address. */
  private SignedUrl signed(JsonNode lent, URI location, String path, String query) {
    String signature =
        lent.path("azure_user_delegation_sas").path("sas_token").asText("").replaceAll("^\\?", "");
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

  private static String encoded(String path) {
    return String.join("/", List.of(path.split("/", -1)).stream().map(RestCalls::encoded).toList());
  }

  private static List<StoredFile> copy(String operation, Path folder, LocalFiles files) {
    try {
      for (LocalFiles.LocalFile file : files.files()) {
        Path place = folder.resolve(file.path());
        Files.createDirectories(place.resolve("..").normalize());
        Files.copy(file.file(), place, StandardCopyOption.REPLACE_EXISTING);
      }
      return LocalFiles.at(folder).files().stream()
          .map(file -> new StoredFile(file.path(), file.size()))
          .toList();
    } catch (IOException e) {
      throw MlflowException.refused(
          operation,
          "the catalog keeps its files in %s, and copying there failed: %s. This machine has to share that folder with the catalog's server."
              .formatted(folder, e),
          e);
    }
  }
}
