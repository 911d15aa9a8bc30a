package winequality.mlflow;

import java.nio.file.Path;
import java.util.List;

/** A run's files in a folder of a workspace's Files API, as is any folder of a volume. */
final class FilesApiArtifactStore implements ArtifactStore {

  private final FilesApi files;
  private final String runId;
  private final String root;
  private final Transfers transfers;

  /**
   * The files below one folder.
   *
   * @param root absolute, without a slash at its end
   */
  FilesApiArtifactStore(FilesApi files, String runId, String root, Transfers transfers) {
    this.files = files;
    this.runId = runId;
    this.root = root;
    this.transfers = transfers;
  }

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    String folder = artifactPath.isEmpty() ? "" : artifactPath + "/";
    transfers.each(
        local.files(),
        file -> {
          String path = folder + file.path();
          files.put("upload " + path + " of run " + runId, file, root + "/" + path);
        });
  }

  @Override
  public void download(List<StoredFile> listed, String artifactPath, Path folder) {
    transfers.each(
        listed,
        file ->
            files.fetch(
                "download " + file.path() + " of run " + runId,
                root + "/" + file.path(),
                folder.resolve(file.below(artifactPath))));
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    String folder = artifactPath.isEmpty() ? "" : artifactPath + "/";
    return files
        .list(
            "list the files of run " + runId,
            artifactPath.isEmpty() ? root : root + "/" + artifactPath)
        .stream()
        .map(file -> new StoredFile(folder + file.path(), file.size()))
        .toList();
  }
}
