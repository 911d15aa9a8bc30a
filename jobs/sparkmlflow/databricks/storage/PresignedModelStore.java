package sparkmlflow.databricks.storage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.FileByFileStore;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;

/**
 * The files of a version in Databricks' own storage. The Files API signs a URL for each file and
 * lists the files.
 *
 * <p>Built from MLflow 3.17.2 ({@code store/artifact/presigned_url_artifact_repo.py}); tested only
 * against a stand-in.
 */
public final class PresignedModelStore extends FileByFileStore {
  private final RestCalls rest;
  private final StorageCalls storage;
  private final String root;
  private final ArtifactStore listing;

  /**
   * @param root absolute, without a trailing slash
   * @param listing lists the same folder
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
    storage.put(operation, file.file(), address(operation, "create-upload-url", path));
  }

  @Override
  protected void fetch(String operation, StoredFile file, Path target) {
    storage.fetch(
        operation, address(operation, "create-download-url", file.path()), file.size(), target);
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
