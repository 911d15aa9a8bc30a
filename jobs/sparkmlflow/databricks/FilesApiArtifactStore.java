package sparkmlflow.databricks;

import java.nio.file.Path;
import java.util.List;
import sparkmlflow.artifacts.FileByFileStore;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.LocalFiles;

/** A run's files in a folder of a workspace's Files API, as is any folder of a volume. */
public final class FilesApiArtifactStore extends FileByFileStore {

  private final FilesApi files;
  private final String root;

  /**
   * The files below one folder.
   *
   * @param owner whose files they are, such as {@code run 7}
   * @param root absolute, without a slash at its end
   */
  public FilesApiArtifactStore(FilesApi files, String owner, String root, Transfers transfers) {
    super(owner, transfers);
    this.files = files;
    this.root = root;
  }

  @Override
  public void put(String operation, LocalFiles.LocalFile file, String path) {
    files.put(operation, file, root + "/" + path);
  }

  @Override
  public void fetch(String operation, String path, Path target) {
    files.fetch(operation, root + "/" + path, target);
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    String folder = StoredFile.prefix(artifactPath);
    return files
        .list(
            "list the files of " + owner(),
            artifactPath.isEmpty() ? root : root + "/" + artifactPath)
        .stream()
        .map(file -> new StoredFile(folder + file.path(), file.size()))
        .toList();
  }
}
