package winequality.mlflow;

import java.util.List;

/** The files of one run: sent, or sent and then checked against the server's own listing. */
public final class RunArtifacts {

  private final Run run;
  private final ArtifactStore store;

  RunArtifacts(Run run, ArtifactStore store) {
    this.run = run;
    this.store = store;
  }

  /**
   * Sends the files.
   *
   * @param artifactPath relative to the run's artifact root, parted by {@code /}; empty for the
   *     root
   */
  public void upload(LocalFiles files, String artifactPath) {
    store.upload(files, path(artifactPath));
  }

  /**
   * Sends the files into a folder of their own and compares the server's listing of that folder
   * with the local files by path and size.
   *
   * @throws MlflowException if a file is missing there, differs in size or does not belong there
   */
  public VerifiedUpload uploadVerified(LocalFiles files, String artifactPath) {
    String path = path(artifactPath);
    if (path.isEmpty()) {
      throw new IllegalArgumentException("a verified upload needs a folder of its own");
    }
    store.upload(files, path);
    return VerifiedUpload.compare(run, path, files, store.list(path));
  }

  /** Every file below the path, as the server lists it. */
  public List<StoredFile> list(String artifactPath) {
    return store.list(path(artifactPath));
  }

  private static String path(String artifactPath) {
    String path = artifactPath.replaceAll("^/+|/+$", "").replaceAll("/+", "/");
    if (List.of(path.split("/")).contains("..")) {
      throw new IllegalArgumentException(
          "the artifact path \"" + artifactPath + "\" leads upwards; it must not");
    }
    return path;
  }
}
