package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds the way to where a catalog keeps a version's files: a folder that this machine shares with
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
   * The store at a location, with paths relative to it.
   *
   * @param owner whose files they are, such as {@code version 7 of a.b.c}
   * @param lent asks for a temporary login; it is asked again when one has ended
   * @return empty if this way does not lead to such a location
   */
  Optional<ArtifactStore> at(String owner, String location, Supplier<JsonNode> lent) {
    if (location.startsWith("file:")) {
      return Optional.of(new SharedFolderStore(Path.of(URI.create(location).getPath()), owner));
    }
    URI uri = URI.create(location);
    if (!"abfss".equals(uri.getScheme()) || LentLakeStore.signature(lent.get()).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new LentLakeStore(storage, sizes, secrets, transfers, owner, uri, lent));
  }
}
