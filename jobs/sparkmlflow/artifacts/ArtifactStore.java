package sparkmlflow.artifacts;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.LocalFiles;

/** Where one run's files are kept. */
public interface ArtifactStore {

  /**
   * Stores every file below a path of the run's artifacts, replacing what has the same name.
   *
   * @param artifactPath relative, parted by {@code /}; empty for the root
   * @throws MlflowException if one could not be stored; others may have been
   */
  void upload(LocalFiles files, String artifactPath);

  /**
   * Fetches files that were listed, each under its path below the artifact path.
   *
   * @param folder on this machine, there already; folders below it are made as needed
   * @throws MlflowException if one could not be fetched; others may have been
   */
  void download(List<StoredFile> files, String artifactPath, Path folder);

  /** The file at a path, if there is one. */
  default Optional<StoredFile> find(String artifactPath) {
    int slash = artifactPath.lastIndexOf('/');
    return list(slash < 0 ? "" : artifactPath.substring(0, slash)).stream()
        .filter(file -> file.path().equals(artifactPath))
        .findFirst();
  }

  /** Every file below a path, with paths relative to the run's artifact root. */
  List<StoredFile> list(String artifactPath);
}
