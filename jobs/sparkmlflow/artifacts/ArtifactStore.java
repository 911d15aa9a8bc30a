package sparkmlflow.artifacts;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.StoredFile;

/** The store of the files of one run or version. */
public interface ArtifactStore {

  /**
   * Stores files below a path of the store and replaces those of the same name.
   *
   * @param artifactPath relative, separated by {@code /}; empty for the root
   * @throws MlflowException if a file could not be stored; others may have been
   */
  void upload(LocalFiles files, String artifactPath);

  /**
   * Fetches listed files to their paths relative to the artifact path.
   *
   * @param folder on this machine; must exist; folders below it are created as needed
   * @throws MlflowException if a file could not be fetched; others may have been
   */
  void download(List<StoredFile> files, String artifactPath, Path folder);

  /** The file at a path, if there is one. */
  default Optional<StoredFile> find(String artifactPath) {
    return list(StoredFile.parent(artifactPath)).stream()
        .filter(file -> file.path().equals(artifactPath))
        .findFirst();
  }

  /** Every file below a path, with paths relative to the store's root. */
  List<StoredFile> list(String artifactPath);
}
