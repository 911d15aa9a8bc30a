package sparkmlflow.databricks;

import java.nio.file.Path;
import java.util.List;
import sparkmlflow.artifacts.FileByFileStore;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.tracking.StoredFile;

/** Files below the absolute path {@code root} of a workspace's Files API, perhaps in a volume. */
public final class FilesApiArtifactStore extends FileByFileStore {
  private final FilesApi files;
  private final String root;

  public FilesApiArtifactStore(FilesApi files, String owner, String root, Transfers transfers) {
    super(owner, transfers);
    this.files = files;
    this.root = root;
  }

  @Override
  protected void put(String operation, LocalFiles.LocalFile file, String path) {
    files.put(operation, file, root + "/" + path);
  }

  @Override
  protected void fetch(String operation, StoredFile file, Path target) {
    files.fetch(operation, root + "/" + file.path(), file.size(), target);
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    String prefix = StoredFile.prefix(artifactPath);
    String directory = artifactPath.isEmpty() ? root : root + "/" + artifactPath;
    return files.list("list the files of " + owner(), directory).stream()
        .map(file -> new StoredFile(prefix + file.path(), file.size()))
        .toList();
  }
}
