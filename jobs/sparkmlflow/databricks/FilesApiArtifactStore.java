package sparkmlflow.databricks;

import java.nio.file.Path;
import java.util.List;
import sparkmlflow.artifacts.FileByFileStore;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.tracking.StoredFile;

/**
 * Files in a folder of a workspace's Files API, which may be a folder of a volume.
 *
 * @param owner whose files they are, such as {@code run 7}
 * @param root absolute, without a trailing slash
 */
public record FilesApiArtifactStore(FilesApi files, String owner, String root, Transfers transfers)
    implements FileByFileStore {

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
    String prefix = StoredFile.prefix(artifactPath);
    String directory = artifactPath.isEmpty() ? root : root + "/" + artifactPath;
    return files.list("list the files of " + owner(), directory).stream()
        .map(file -> new StoredFile(prefix + file.path(), file.size()))
        .toList();
  }
}
