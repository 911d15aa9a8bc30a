package winequality.mlflow;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A folder among a run's artifacts that the server has listed after the upload: every file is there
 * in its full size, and no other. Only {@link RunArtifacts} makes one.
 */
public final class VerifiedUpload {

  private final Run run;
  private final String artifactPath;
  private final LocalFiles files;

  private VerifiedUpload(Run run, String artifactPath, LocalFiles files) {
    this.run = run;
    this.artifactPath = artifactPath;
    this.files = files;
  }

  static VerifiedUpload compare(
      Run run, String artifactPath, LocalFiles sent, List<StoredFile> listed) {
    Map<String, Long> found =
        new TreeMap<>(
            listed.stream().collect(Collectors.toMap(StoredFile::path, StoredFile::size)));
    List<String> problems = new java.util.ArrayList<>();
    for (LocalFiles.LocalFile file : sent.files()) {
      Long size = found.remove(artifactPath + "/" + file.path());
      if (size == null) {
        problems.add(file.path() + " is missing");
      } else if (size != file.size()) {
        problems.add(file.path() + " has " + size + " instead of " + file.size() + " bytes");
      }
    }
    found.keySet().forEach(path -> problems.add(path + " does not belong there"));
    if (!problems.isEmpty()) {
      throw MlflowException.refused(
          "verify the upload to " + run.artifactUri() + "/" + artifactPath,
          "the server's listing differs from the %d local files: %s%s. Nothing may rest on this upload; run the job again."
              .formatted(
                  sent.files().size(),
                  problems.stream().limit(10).collect(Collectors.joining(", ")),
                  problems.size() > 10 ? " and " + (problems.size() - 10) + " more" : ""));
    }
    return new VerifiedUpload(run, artifactPath, sent);
  }

  /** The run whose artifacts it belongs to. */
  public Run run() {
    return run;
  }

  /** The folder, relative to the run's artifact root. */
  public String artifactPath() {
    return artifactPath;
  }

  /** The local files that are there now. */
  public LocalFiles files() {
    return files;
  }

  /** The folder's full URI: the run's artifact root and the path. */
  public String uri() {
    return run.artifactUri() + "/" + artifactPath;
  }

  @Override
  public String toString() {
    return uri() + " (" + files.files().size() + " files, " + files.bytes() + " bytes)";
  }
}
