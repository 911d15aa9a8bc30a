package winequality.mlflow;

import java.nio.file.Path;
import java.util.List;

/** A version's files in the customer's own storage, with the credentials that a catalog vends. */
final class VendedStore implements ArtifactStore {

  private final StorageCalls storage;
  private final Transfers transfers;
  private final String owner;
  private final VendedPlace place;

  /**
   * The files at a place.
   *
   * @param owner whose they are, such as {@code version 7 of a.b.c}
   */
  VendedStore(StorageCalls storage, Transfers transfers, String owner, VendedPlace place) {
    this.storage = storage;
    this.transfers = transfers;
    this.owner = owner;
    this.place = place;
  }

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    String folder = ArtifactStore.prefix(artifactPath);
    transfers.each(
        local.files(),
        file -> {
          String path = folder + file.path();
          place.put("upload " + path + " of " + owner, file, path);
        });
  }

  @Override
  public void download(List<StoredFile> files, String artifactPath, Path folder) {
    transfers.each(
        files,
        file ->
            place
                .reading(file.path())
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
    return place.list("list the files of " + owner, artifactPath).stream()
        .map(file -> new StoredFile(below + file.path(), file.size()))
        .toList();
  }
}
