package sparkmlflow.artifacts;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.LocalFiles;
import sparkmlflow.wire.RestCalls;

/**
 * The artifact proxy of an MLflow server ({@code mlflow server --serve-artifacts}): one PUT or GET
 * a file.
 *
 * <p>A host inside {@code mlflow-artifacts://host:port/...} takes the place of the tracking
 * server's, whose path prefix is kept. Credentials are not sent to such a host: the address comes
 * from the experiment, which everyone who may create one can point anywhere.
 */
public final class ProxyArtifactStore extends FileByFileStore {

  // The server decodes percent signs until none is left, and refuses a # in any disguise.
  private static final Pattern CHANGED_BY_SERVER = Pattern.compile("%[0-9A-Fa-f]{2}|#|\\\\");

  private final RestCalls rest;
  private final TrackingCalls tracking;
  private final String runId;
  private final URI root;
  private final Duration timeout;

  public ProxyArtifactStore(
      RestCalls rest, TrackingCalls tracking, Run run, Duration timeout, Transfers transfers) {
    super("run " + run.id(), transfers);
    this.rest = rest;
    this.tracking = tracking;
    this.runId = run.id();
    this.root = root(rest.endpoint().base(), URI.create(run.artifactUri()));
    this.timeout = timeout;
  }

  static URI root(URI server, URI artifactUri) {
    String authority =
        artifactUri.getRawAuthority() == null
            ? server.getRawAuthority()
            : artifactUri.getRawAuthority();
    String path =
        (server.getRawPath() + "/api/2.0/mlflow-artifacts/artifacts/" + artifactUri.getRawPath())
            .replaceAll("/+", "/");
    return URI.create(server.getScheme() + "://" + authority + path);
  }

  @Override
  public void upload(LocalFiles files, String artifactPath) {
    for (LocalFiles.LocalFile file : files.files()) {
      refuseChangedName(StoredFile.prefix(artifactPath) + file.path());
    }
    super.upload(files, artifactPath);
  }

  @Override
  public void put(String operation, LocalFiles.LocalFile file, String path) {
    rest.put(operation, uri(path), file.file(), timeout);
  }

  @Override
  public void fetch(String operation, String path, Path target) {
    rest.fetch(operation, uri(path), target, timeout);
  }

  private URI uri(String path) {
    return URI.create(root + "/" + RestCalls.encodedPath(path));
  }

  private void refuseChangedName(String path) {
    if (CHANGED_BY_SERVER.matcher(path).find()) {
      throw MlflowException.refused(
          "upload " + path + " of run " + runId,
          "MLflow's artifact proxy refuses names with # or \\ and turns %20 and the like into other"
              + " names. Rename the file.");
    }
  }

  @Override
  public Optional<StoredFile> find(String artifactPath) {
    return tracking.artifact(runId, artifactPath);
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    return tracking.artifacts(runId, artifactPath);
  }
}
