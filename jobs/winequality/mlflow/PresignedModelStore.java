package winequality.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/**
 * A version's files in the storage that Databricks keeps itself, under addresses that the Files API
 * signs one by one; it also lists them.
 *
 * <p>Built from reading MLflow 3.17.2 ({@code store/artifact/presigned_url_artifact_repo.py}) and
 * tried against a stand-in only.
 */
final class PresignedModelStore implements ArtifactStore {

  private final RestCalls rest;
  private final StorageCalls storage;
  private final Transfers transfers;
  private final String owner;
  private final String root;
  private final ArtifactStore listing;

  /**
   * The files below one folder of the Files API.
   *
   * @param root absolute, without a slash at its end
   * @param listing lists them
   */
  PresignedModelStore(
      RestCalls rest,
      StorageCalls storage,
      Transfers transfers,
      String owner,
      String root,
      ArtifactStore listing) {
    this.rest = rest;
    this.storage = storage;
    this.transfers = transfers;
    this.owner = owner;
    this.root = root;
    this.listing = listing;
  }

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    String folder = ArtifactStore.prefix(artifactPath);
    transfers.each(
        local.files(),
        file -> {
          String path = folder + file.path();
          String operation = "upload " + path + " of " + owner;
          address(operation, "create-upload-url", path)
              .use(
                  url ->
                      storage.send(
                          operation, "PUT", url, () -> FileBodies.of(operation, file.file())));
        });
  }

  @Override
  public void download(List<StoredFile> files, String artifactPath, Path folder) {
    transfers.each(
        files,
        file -> {
          String operation = "download " + file.path() + " of " + owner;
          Path target = folder.resolve(file.below(artifactPath));
          address(operation, "create-download-url", file.path())
              .use(
                  url -> {
                    storage.fetch(operation, url, target);
                    return file;
                  });
        });
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    return listing.list(artifactPath);
  }

  private Renewable address(String operation, String call, String path) {
    ObjectNode body = RestCalls.JSON.createObjectNode().put("path", root + "/" + path);
    return new Renewable(
        () -> SignedUrl.in(rest.post(operation, "/api/2.0/fs/" + call, body), "url"));
  }
}
