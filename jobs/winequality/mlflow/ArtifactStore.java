package winequality.mlflow;

import java.util.List;

/** Where one run's files are kept. */
public interface ArtifactStore {

  /**
   * Stores every file below a path of the run's artifacts, replacing what has the same name.
   *
   * @param artifactPath relative, parted by {@code /}; empty for the root
   * @throws MlflowException if one could not be stored; others may have been
   */
  void upload(LocalFiles files, String artifactPath);

  /** Every file below a path, with paths relative to the run's artifact root. */
  List<StoredFile> list(String artifactPath);
}
