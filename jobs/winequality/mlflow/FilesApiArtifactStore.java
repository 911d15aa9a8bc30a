package winequality.mlflow;

import java.nio.file.Path;
import java.util.List;

/** A run's files in a folder of a workspace's Files API, as is any folder of a volume. */
final class FilesApiArtifactStore implements ArtifactStore {

  private final FilesApi files;
  private final String owner;
  private final String root;
  private final Transfers transfers;

  /**
   * The files below one folder.
   *
   * @param owner whose files they are, such as {@code run 7}
   * @param root absolute, without a slash at its end
   */
  FilesApiArtifactStore(FilesApi files, String owner, String root, Transfers transfers) {
    this.files = files;
    this.owner = owner;
    this.root = root;
    this.transfers = transfers;
  }

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    String folder = ArtifactStore.prefix(artifactPath);
    transfers.each(
        local.files(),
        file -> {
          String path = folder + file.path();
          files.put("upload " + path + " of " + owner, file, root + "/" + path);
        });
  }

  @Override
  public void download(List<StoredFile> listed, String artifactPath, Path folder) {
    transfers.each(
        listed,
        file ->
            files.fetch(
                "download " + file.path() + " of " + owner,
                root + "/" + file.path(),
                folder.resolve(file.below(artifactPath))));
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    String folder = ArtifactStore.prefix(artifactPath);
    return files
        .list(
            "list the files of " + owner, artifactPath.isEmpty() ? root : root + "/" + artifactPath)
        .stream()
        .map(file -> new StoredFile(folder + file.path(), file.size()))
        .toList();
  }
}
