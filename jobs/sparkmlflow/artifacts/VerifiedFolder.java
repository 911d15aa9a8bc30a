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
import sparkmlflow.wire.LocalFiles;

/**
 * A folder among a run's artifacts that has been compared with its copy on this machine, after the
 * files travelled one way or the other: the server lists every file in its full size, and no other.
 * Where a registry keeps the files of its versions itself, it may be that registry that listed and
 * gave them.
 */
public final class VerifiedFolder {

  private static final int NAMED = 10;

  private final String runId;
  private final String root;
  private final String artifactPath;
  private final LocalFiles files;
  private final String digest;

  private VerifiedFolder(String runId, String root, String artifactPath, LocalFiles files) {
    this.runId = runId;
    this.root = root;
    this.artifactPath = artifactPath;
    this.files = files;
    // now: the local copy may be a temporary one
    this.digest = files.digest();
  }

  public static VerifiedFolder uploaded(
      Run run, String artifactPath, LocalFiles sent, List<StoredFile> listed) {
    List<String> problems = differences(artifactPath, sent, listed);
    if (!problems.isEmpty()) {
      throw MlflowException.refused(
          "verify the upload to " + run.artifactUri() + "/" + artifactPath,
          "the server's listing differs from the %d local files: %s. Nothing may rest on this upload; run the job again."
              .formatted(sent.files().size(), named(problems)));
    }
    return new VerifiedFolder(run.id(), run.artifactUri(), artifactPath, sent);
  }

  /**
   * A folder that was fetched.
   *
   * @param root of the run's artifacts
   * @param folder where it is now, on this machine
   * @param listed with paths relative to the folder
   */
  public static VerifiedFolder downloaded(
      String runId, String root, String artifactPath, Path folder, List<StoredFile> listed) {
    LocalFiles received =
        LocalFiles.in(folder, listed.stream().map(StoredFile::path).sorted().toList());
    List<String> problems = differences("", received, listed);
    if (!problems.isEmpty()) {
      throw new DamagedFilesException(
          "download " + root + "/" + artifactPath,
          "what arrived differs from the server's listing of %d files: %s."
              .formatted(listed.size(), named(problems)));
    }
    return new VerifiedFolder(runId, root, artifactPath, received);
  }

  /**
   * What is missing, differs in size or does not belong there.
   *
   * @param artifactPath what the listing's paths begin with; empty for nothing
   */
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

  /** The first few of them. */
  public static String named(List<String> problems) {
    int more = problems.size() - NAMED;
    return problems.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }

  /** The id of the run whose artifacts it belongs to. */
  public String runId() {
    return runId;
  }

  /** The folder, relative to the run's artifact root. */
  public String artifactPath() {
    return artifactPath;
  }

  /** The local files, as they were when they were compared. */
  public LocalFiles files() {
    return files;
  }

  /** {@link LocalFiles#digest()} of the files at that moment. */
  public String digest() {
    return digest;
  }

  /** The folder's full URI: the run's artifact root and the path. */
  public String uri() {
    return root + "/" + artifactPath;
  }

  @Override
  public String toString() {
    return uri() + " (" + files.files().size() + " files, " + files.bytes() + " bytes)";
  }
}
