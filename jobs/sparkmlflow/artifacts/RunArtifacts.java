package sparkmlflow.artifacts;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.StoredFile;

/** Uploads and downloads the files of one run and compares them with the server's listing. */
public record RunArtifacts(Run run, ArtifactStore store) {

  /** Uploads files below a path of the run's artifacts; empty for the root. */
  public void upload(LocalFiles files, String artifactPath) {
    store.upload(files, path(artifactPath));
  }

  /**
   * Uploads files into a folder that holds nothing else, and compares the server's listing of it
   * with the local files by path and size.
   *
   * @throws MlflowException if the listing lacks a file, has it in another size or has an extra one
   */
  public VerifiedFolder uploadVerified(LocalFiles files, String artifactPath) {
    String path = path(artifactPath);
    if (path.isEmpty()) {
      throw new IllegalArgumentException(
          "a verified upload needs a folder; it must not be the root");
    }
    store.upload(files, path);
    return VerifiedFolder.uploaded(run, path, files, store.list(path));
  }

  /**
   * Downloads a folder and compares the received files with the server's listing by path and size.
   *
   * @param artifactPath relative to the run's artifact root, separated by {@code /}; not the root
   * @param folder on this machine, absent or empty; may hold some files after a failure
   * @throws DamagedFilesException if the server lists no file, or does not deliver one in full
   * @throws MlflowException if the server is not reached or refuses
   */
  public VerifiedFolder download(String artifactPath, Path folder) {
    String path = path(artifactPath);
    if (path.isEmpty()) {
      throw new IllegalArgumentException("a download needs a folder; it must not be the root");
    }
    List<StoredFile> listed = download(path).into(folder, path);
    return VerifiedFolder.downloaded(
        run.id(), run.artifactUri() + "/" + path, path, folder, listed);
  }

  /**
   * The content of a small UTF-8 file; empty if the server lists no file at the path. Throws {@link
   * DamagedFilesException} if the received size differs from the listed size.
   */
  public Optional<String> text(String artifactPath) {
    String path = path(artifactPath);
    return store
        .find(path)
        .map(file -> new String(download(path).content(file), StandardCharsets.UTF_8));
  }

  private StoreDownload download(String path) {
    return new StoreDownload(store, "download " + path + " of run " + run.id(), run.artifactUri());
  }

  public List<StoredFile> list(String artifactPath) {
    return store.list(path(artifactPath));
  }

  /** Without slashes at both ends; throws {@link IllegalArgumentException} if it leads upwards. */
  public static String path(String artifactPath) {
    String path = artifactPath.replaceAll("^/+|/+$", "").replaceAll("/+", "/");
    if (List.of(path.split("/")).contains("..")) {
      throw new IllegalArgumentException(
          "the artifact path \"" + artifactPath + "\" leads upwards; remove the ..");
    }
    return path;
  }
}
