package winequality.mlflow;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The artifact proxy of an MLflow server ({@code mlflow server --serve-artifacts}): one PUT a file.
 *
 * <p>A host inside {@code mlflow-artifacts://host:port/...} takes the place of the tracking
 * server's, whose path prefix is kept. Credentials are not sent to such a host: the address comes
 * from the experiment, which everyone who may create one can point anywhere.
 */
final class ProxyArtifactStore implements ArtifactStore {

  // The server decodes percent signs until none is left, and refuses a # in any disguise.
  private static final Pattern CHANGED_BY_SERVER = Pattern.compile("%[0-9A-Fa-f]{2}|#|\\\\");

  private final RestCalls rest;
  private final TrackingCalls tracking;
  private final String runId;
  private final URI root;
  private final Duration uploadTimeout;
  private final int threads;

  ProxyArtifactStore(
      RestCalls rest, TrackingCalls tracking, Run run, Duration uploadTimeout, int threads) {
    this.rest = rest;
    this.tracking = tracking;
    this.runId = run.id();
    this.root = root(rest.endpoint().base(), URI.create(run.artifactUri()));
    this.uploadTimeout = uploadTimeout;
    this.threads = threads;
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
    String folder = artifactPath.isEmpty() ? "" : artifactPath + "/";
    for (LocalFiles.LocalFile file : files.files()) {
      refuseChangedName(folder + file.path());
    }
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.min(threads, files.files().size()),
            task -> {
              Thread thread = new Thread(task, "mlflow-upload");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Future<?>> uploads = new ArrayList<>();
      for (LocalFiles.LocalFile file : files.files()) {
        uploads.add(pool.submit(() -> put(file, folder + file.path())));
      }
      for (Future<?> upload : uploads) {
        upload.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MlflowException failure) {
        throw failure;
      }
      throw new IllegalStateException("an upload failed in an unforeseen way", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MlflowException.refused(
          "upload the files of run " + runId, "the thread was interrupted.", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private void put(LocalFiles.LocalFile file, String path) {
    String encoded =
        Arrays.stream(path.split("/")).map(RestCalls::encoded).collect(Collectors.joining("/"));
    rest.put(
        "upload " + path + " of run " + runId,
        URI.create(root + "/" + encoded),
        file.file(),
        uploadTimeout);
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
  public List<StoredFile> list(String artifactPath) {
    return tracking.artifacts(runId, artifactPath);
  }
}
