package sparkmlflow.registry;

import java.nio.file.Path;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.tracking.Run;

/** Fetches the files of a version, whatever store they are in, and lets none pass that changed. */
public final class VersionFetcher {

  private static final String RUN_SCHEME = "runs:/";

  private final MlflowConnection connection;

  /** Fetches from the registry of the connection and from the tracking server beside it. */
  public VersionFetcher(MlflowConnection connection) {
    this.connection = connection;
  }

  /**
   * The version's model folder, on this machine.
   *
   * <p>The files are those that the registry keeps itself, as Unity Catalog does; they are there
   * also when the run is not, and reading them takes no rights on it. Elsewhere they are the run's.
   *
   * <p>It holds what the server lists, each file in full, and an {@code MLmodel}. If the version
   * has the tag {@link MlflowTags#FILES_DIGEST}, names and contents are those that were registered;
   * without it, as of other programs' versions, a lost or changed file may go unseen.
   *
   * @param folder absent or empty; after a failure some files may be there
   * @throws DamagedFilesException if files or the whole run are missing, cut short or changed
   * @throws MlflowException if the server is not reached or refuses, the version is not ready, or
   *     it was not made from files of a run
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
    VerifiedFolder files =
        connection
            .downloadKept(version, folder)
            .orElseGet(
                () -> {
                  Run run = run(version, operation);
                  return connection
                      .artifacts(run)
                      .download(artifactPath(version, run, operation), folder);
                });
    if (files.files().files().stream().noneMatch(file -> file.path().equals("MLmodel"))) {
      throw new DamagedFilesException(operation, "there is no MLmodel in " + files.uri() + ".");
    }
    version
        .tag(MlflowTags.FILES_DIGEST)
        .filter(registered -> !registered.equals(files.digest()))
        .ifPresent(
            registered -> {
              throw new DamagedFilesException(
                  operation,
                  "the files in %s are not those that were registered: their digest is %s, and the version's tag %s says %s. A file was lost, added or changed since."
                      .formatted(files.uri(), files.digest(), MlflowTags.FILES_DIGEST, registered));
            });
    return new FetchedVersion(version, files, folder);
  }

  /**
   * The run that a version was made by.
   *
   * @param operation what it is needed for; completes "Could not ..."
   * @throws DamagedFilesException if the version names no run, or the server has it no more
   */
  public Run run(ModelVersion version, String operation) {
    if (version.runId().isBlank()) {
      throw new DamagedFilesException(
          operation,
          "it was registered from %s without a run, and only files of runs are fetched here."
              .formatted(version.source()));
    }
    try {
      return connection.tracking().run(version.runId());
    } catch (MlflowException e) {
      if (e.errorCode().orElse("").equals("RESOURCE_DOES_NOT_EXIST")) {
        throw new DamagedFilesException(
            operation, "its run " + version.runId() + " is gone. " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private static String artifactPath(ModelVersion version, Run run, String operation) {
    String source = version.source().replaceAll("/+$", "");
    for (String root : new String[] {run.artifactUri(), RUN_SCHEME + run.id()}) {
      if (source.startsWith(root + "/")) {
        return source.substring(root.length() + 1);
      }
    }
    throw new DamagedFilesException(
        operation,
        "its source %s does not lie below the artifacts of its run, %s."
            .formatted(version.source(), run.artifactUri()));
  }
}
