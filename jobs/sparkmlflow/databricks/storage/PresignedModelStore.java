package sparkmlflow.databricks.storage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.FileByFileStore;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.LocalFiles;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;

/**
 * A version's files in the storage that Databricks keeps itself, under addresses that the Files API
 * signs one by one; it also lists them.
 *
 * <p>Built from reading MLflow 3.17.2 ({@code store/artifact/presigned_url_artifact_repo.py}) and
 * tried against a stand-in only.
 */
public final class PresignedModelStore extends FileByFileStore {

  private final RestCalls rest;
  private final StorageCalls storage;
  private final String root;
  private final ArtifactStore listing;

  /**
   * The files below one folder of the Files API.
   *
   * @param root absolute, without a slash at its end
   * @param listing lists them
   */
  public PresignedModelStore(
      RestCalls rest,
      StorageCalls storage,
      Transfers transfers,
      String owner,
      String root,
      ArtifactStore listing) {
    super(owner, transfers);
    this.rest = rest;
    this.storage = storage;
    this.root = root;
    this.listing = listing;
  }

  @Override
  protected void put(String operation, LocalFiles.LocalFile file, String path) {
    storage.put(operation, file, address(operation, "create-upload-url", path));
  }

  @Override
  protected void fetch(String operation, String path, Path target) {
    storage.fetch(operation, address(operation, "create-download-url", path), target);
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    return listing.list(artifactPath);
  }

  private Renewable address(String operation, String call, String path) {
    ObjectNode body = RestCalls.JSON.createObjectNode().put("path", root + "/" + path);
    return new Renewable(
        () -> SignedUrl.in(operation, rest.post(operation, "/api/2.0/fs/" + call, body), "url"));
  }
}
