package sparkmlflow.artifacts;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.LocalFiles;

/** The files of one run: sent or fetched, and checked against the server's own listing. */
public final class RunArtifacts {

  private final Run run;
  private final ArtifactStore store;

  public RunArtifacts(Run run, ArtifactStore store) {
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
  public VerifiedFolder uploadVerified(LocalFiles files, String artifactPath) {
    String path = path(artifactPath);
    if (path.isEmpty()) {
      throw new IllegalArgumentException("a verified upload needs a folder of its own");
    }
    store.upload(files, path);
    return VerifiedFolder.uploaded(run, path, files, store.list(path));
  }

  /**
   * Fetches every file of a folder and compares what arrived with the server's listing by path and
   * size.
   *
   * @param artifactPath relative to the run's artifact root, parted by {@code /}; not the root
   * @param folder on this machine, absent or empty; after a failure some files may be there
   * @throws DamagedFilesException if the server lists no file there, or one that it cannot give in
   *     full
   * @throws MlflowException if the server is not reached or refuses
   */
  public VerifiedFolder download(String artifactPath, Path folder) {
    String path = path(artifactPath);
    if (path.isEmpty()) {
      throw new IllegalArgumentException("a download needs a folder of the artifacts");
    }
    List<StoredFile> listed = download(path).into(folder, path);
    return VerifiedFolder.downloaded(run.id(), run.artifactUri(), path, folder, listed);
  }

  /**
   * The content of a small file in UTF-8, if there is one at the path.
   *
   * @throws DamagedFilesException if it arrives in another size than the server lists
   * @throws MlflowException if the server is not reached or refuses
   */
  public Optional<String> text(String artifactPath) {
    String path = path(artifactPath);
    Optional<StoredFile> found = store.find(path);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    byte[] content = download(path).content(found.get());
    return Optional.of(new String(content, StandardCharsets.UTF_8));
  }

  private StoreDownload download(String path) {
    return new StoreDownload(store, "download " + path + " of run " + run.id(), run.artifactUri());
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
