package sparkmlflow.artifacts;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.StoredFile;

/**
 * A folder of a run's artifacts, or of a logged model's, that was compared with its local copy
 * after an upload or download: the server lists exactly these files in their full sizes. The server
 * is the registry if that keeps its own files of the version.
 */
public final class VerifiedFolder {

  private static final int NAMED = 10;

  private final String runId;
  private final String uri;
  private final String runUri;
  private final String artifactPath;
  private final LocalFiles files;
  private final String digest;

  private VerifiedFolder(
      String runId,
      String uri,
      String runUri,
      String artifactPath,
      LocalFiles files,
      String digest) {
    this.runId = runId;
    this.uri = uri;
    this.runUri = runUri;
    this.artifactPath = artifactPath;
    this.files = files;
    this.digest = digest;
  }

  /** Another folder with the same files. */
  public VerifiedFolder at(String other) {
    return new VerifiedFolder(runId, other, runUri, artifactPath, files, digest);
  }

  /** The folder before {@link #at}. */
  public VerifiedFolder ofRun() {
    return at(runUri);
  }

  public static VerifiedFolder uploaded(
      Run run, String artifactPath, LocalFiles sent, List<StoredFile> listed) {
    String uri = run.artifactUri() + "/" + artifactPath;
    requireAll(uri, artifactPath, sent, listed);
    // computed now: the local copy may be temporary
    return new VerifiedFolder(run.id(), uri, uri, artifactPath, sent, sent.digest());
  }

  /** Throws {@link MlflowException} unless the listing has exactly the local files. */
  public static void requireAll(
      String uri, String artifactPath, LocalFiles sent, List<StoredFile> listed) {
    List<String> problems = differences(artifactPath, sent, listed);
    if (!problems.isEmpty()) {
      throw MlflowException.refused(
          "verify the upload to " + uri,
          "the server's listing differs from the %d local files: %s. Do not use this upload; run the job again."
              .formatted(sent.files().size(), named(problems)));
    }
  }

  /** A folder after its download; {@code listed} has paths relative to it. */
  public static VerifiedFolder downloaded(
      String runId, String uri, String artifactPath, Path folder, List<StoredFile> listed) {
    LocalFiles received =
        LocalFiles.in(folder, listed.stream().map(StoredFile::path).sorted().toList());
    List<String> problems = differences("", received, listed);
    if (!problems.isEmpty()) {
      throw new DamagedFilesException(
          "download " + uri,
          "the received files differ from the server's listing of %d files: %s."
              .formatted(listed.size(), named(problems)));
    }
    return new VerifiedFolder(runId, uri, uri, artifactPath, received, received.digest());
  }

  /** Names local files that the listing lacks or has in another size, and extra listed ones. */
  public static List<String> differences(
      String artifactPath, LocalFiles local, List<StoredFile> listed) {
    String prefix = StoredFile.prefix(artifactPath);
    Map<String, Long> found =
        new TreeMap<>(
            listed.stream().collect(Collectors.toMap(StoredFile::path, StoredFile::size)));
    List<String> problems = new ArrayList<>();
    for (LocalFiles.LocalFile file : local.files()) {
      Long size = found.remove(prefix + file.path());
      if (size == null) {
        problems.add(file.path() + " is missing");
      } else if (size != file.size()) {
        problems.add(file.path() + " has " + size + " instead of " + file.size() + " bytes");
      }
    }
    found.keySet().forEach(path -> problems.add(path + " does not belong there"));
    return problems;
  }

  /** The first ten problems and the number of the others. */
  public static String named(List<String> problems) {
    int more = problems.size() - NAMED;
    return problems.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }

  public String runId() {
    return runId;
  }

  /** The folder, relative to the run's artifact root; the name of a logged model. */
  public String artifactPath() {
    return artifactPath;
  }

  public LocalFiles files() {
    return files;
  }

  /** {@link LocalFiles#digest()} at the time of the comparison. */
  public String digest() {
    return digest;
  }

  /** The folder's address, or the name of a logged model's files ({@code models:/m-7}). */
  public String uri() {
    return uri;
  }

  @Override
  public String toString() {
    return uri() + " (" + files.files().size() + " files, " + files.bytes() + " bytes)";
  }
}
