package sparkmlflow.registry;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.tracking.Run;

/** Downloads the files of a version from wherever they are kept, and rejects changed files. */
public final class VersionFetcher {
  /** The source of a version that MLflow's {@code copy_model_version} made. */
  private static final Pattern COPY = Pattern.compile("models:/(.+)/(\\d+)");

  /** A copy may be one of a copy; a circle ends. */
  private static final int COPIES = 10;

  private final MlflowConnection connection;

  public VersionFetcher(MlflowConnection connection) {
    this.connection = connection;
  }

  /**
   * Downloads the version's model folder, from the registry if that keeps the files itself, as
   * Unity Catalog does, or from the logged model that the version was made from (no rights on the
   * run are needed then), and otherwise from the run. So a version needs its run or its logged
   * model, which {@code mlflow gc} removes for good once somebody has deleted it.
   *
   * <p>The result holds every file that the server lists, complete, and an {@code MLmodel}. If the
   * version has the tag {@link MlflowTags#FILES_DIGEST}, names and contents are those that were
   * registered. Without the tag, as on versions of other programs, a lost or changed file can go
   * unnoticed.
   *
   * @param folder absent or empty; after a failure it may hold some files
   * @throws DamagedFilesException if files, the whole run or the logged model are missing,
   *     truncated or changed
   * @throws MlflowException if the server is not reached or refuses, the version is not ready, or
   *     it was made from other files
   */
  public FetchedVersion fetch(ModelVersion version, Path folder) {
    String operation = "fetch version " + version.version() + " of " + version.name();
    if (version.status() != ModelVersion.Status.READY) {
      throw new DamagedFilesException(
          operation,
          "it is %s%s. Use another version."
              .formatted(
                  version.status() == ModelVersion.Status.FAILED ? "failed" : "not ready yet",
                  version.statusMessage().isBlank() ? "" : ": " + version.statusMessage()));
    }
    VerifiedFolder files = download(version, folder, operation, COPIES);
    if (!files.files().paths().contains("MLmodel")) {
      throw new DamagedFilesException(operation, "there is no MLmodel in " + files.uri() + ".");
    }
    String registered = version.tag(MlflowTags.FILES_DIGEST).orElse(files.digest());
    if (!registered.equals(files.digest())) {
      throw new DamagedFilesException(
          operation,
          "the files in %s are not those that were registered: their digest is %s, but the version's tag %s is %s. A file was lost, added or changed."
              .formatted(files.uri(), files.digest(), MlflowTags.FILES_DIGEST, registered));
    }
    return new FetchedVersion(version, files, folder);
  }

  private VerifiedFolder download(ModelVersion version, Path folder, String operation, int copies) {
    Optional<VerifiedFolder> kept = connection.downloadKept(version, folder);
    if (kept.isPresent()) {
      return kept.get();
    }
    Matcher copy = COPY.matcher(version.source());
    if (copy.matches() && copies > 0) {
      ModelVersion origin =
          connection
              .registry()
              .find(copy.group(1), copy.group(2))
              .orElseThrow(
                  () ->
                      new DamagedFilesException(
                          operation,
                          "it is a copy of version %s of %s, which was deleted. Use another version."
                              .formatted(copy.group(2), copy.group(1))));
      return download(origin, folder, operation, copies - 1);
    }
    Run run = run(version, operation);
    return connection.artifacts(run).download(artifactPath(version, run, operation), folder);
  }

  /** The run that made a version; throws {@link DamagedFilesException} if there is none. */
  public Run run(ModelVersion version, String operation) {
    if (version.runId().isBlank()) {
      throw new DamagedFilesException(
          operation,
          "it was registered from %s without a run, and this job fetches only files of runs."
              .formatted(version.source()));
    }
    try {
      return connection.tracking().run(version.runId());
    } catch (MlflowException e) {
      if (e.has("RESOURCE_DOES_NOT_EXIST")) {
        throw new DamagedFilesException(
            operation, "its run " + version.runId() + " is gone. " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private static String artifactPath(ModelVersion version, Run run, String operation) {
    String source = version.source().replaceAll("/+$", "");
    for (String root : new String[] {run.artifactUri(), "runs:/" + run.id()}) {
      if (source.startsWith(root + "/")) {
        return source.substring(root.length() + 1);
      }
    }
    throw new DamagedFilesException(
        operation,
        "its source %s is not below the artifacts of its run, %s."
            .formatted(version.source(), run.artifactUri()));
  }
}
