package winequality.mlflow;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one tracking server and one registry, which may be the same server.
 *
 * <p>Opening it sends nothing. It is for one job and its threads; closing it ends its connections.
 */
public final class MlflowConnection implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MlflowConnection.class);

  private final MlflowSettings settings;
  private final Secrets secrets = new Secrets();
  private final RestCalls trackingRest;
  private final ClientCalls trackingClient;
  private final TrackingCalls tracking;
  private final RegistryCalls registry;

  private MlflowConnection(MlflowSettings settings, Pause pause) {
    this.settings = settings;
    Credentials fixed = secrets.remember(settings.credentials());
    CredentialsSource credentials = () -> fixed;
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout())
            .build();
    Retrier retrier =
        new Retrier(
            settings.maxAttempts(),
            settings.backoff(),
            pause,
            () -> ThreadLocalRandom.current().nextDouble());
    Endpoint trackingServer = new Endpoint(settings.trackingAddress(), credentials);
    Endpoint registryServer = new Endpoint(settings.registryAddress(), credentials);
    trackingRest = new RestCalls(trackingServer, http, settings.requestTimeout(), retrier, secrets);
    trackingClient = new ClientCalls(trackingServer, settings.requestTimeout(), retrier, secrets);
    tracking = new TrackingCalls(trackingRest, trackingClient);
    boolean same = registryServer.base().equals(trackingServer.base());
    registry =
        new ServerRegistryCalls(
            same
                ? trackingRest
                : new RestCalls(registryServer, http, settings.requestTimeout(), retrier, secrets));
    if (fixed.authorization().isPresent()) {
      warnIfReadable(trackingServer.base());
      if (!same) {
        warnIfReadable(registryServer.base());
      }
    }
  }

  /** A connection by these settings. */
  public static MlflowConnection open(MlflowSettings settings) {
    return open(settings, Pause.real());
  }

  /** A connection that waits between attempts in a way of the caller's. */
  public static MlflowConnection open(MlflowSettings settings, Pause pause) {
    return new MlflowConnection(settings, pause);
  }

  /** What it was opened with. */
  public MlflowSettings settings() {
    return settings;
  }

  /** Experiments and runs. */
  public TrackingCalls tracking() {
    return tracking;
  }

  /** Registered models and their versions. */
  public RegistryCalls registry() {
    return registry;
  }

  /** Takes secrets out of texts that are to be stored or shown. */
  public Secrets secrets() {
    return secrets;
  }

  /**
   * The files of a run, by way of what its artifact root asks for.
   *
   * @throws MlflowException if this job cannot write to such a root
   */
  public RunArtifacts artifacts(Run run) {
    return new RunArtifacts(run, store(run));
  }

  private ArtifactStore store(Run run) {
    String uri = run.artifactUri();
    if (uri.startsWith("mlflow-artifacts:")) {
      return new ProxyArtifactStore(
          trackingRest, tracking, run, settings.uploadTimeout(), settings.uploadThreads());
    }
    if (uri.startsWith("file:") || !uri.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
      return new FolderArtifactStore(tracking, run);
    }
    throw MlflowException.refused(
        "store files of run " + run.id(),
        "its artifact root is "
            + secrets.masked(uri)
            + "; this job writes to mlflow-artifacts: roots and to shared folders. Start the server"
            + " with --serve-artifacts --artifacts-destination "
            + uri.replaceAll(":.*", "://...")
            + " so that the server writes there.");
  }

  /** Where a person sees the experiment's runs, in the part of the UI made for model training. */
  public String experimentUrl(String experimentId) {
    return "%s/#/experiments/%s/runs?workflowType=machine_learning"
        .formatted(settings.trackingAddress(), experimentId);
  }

  /** Where a person sees the run, in the part of the UI made for model training. */
  public String runUrl(Run run) {
    return "%s/#/experiments/%s/runs/%s?workflowType=machine_learning"
        .formatted(settings.trackingAddress(), run.experimentId(), run.id());
  }

  private static void warnIfReadable(URI server) {
    if (!"http".equals(server.getScheme())) {
      return;
    }
    try {
      if (InetAddress.getByName(server.getHost()).isLoopbackAddress()) {
        return;
      }
    } catch (UnknownHostException e) {
      // the first call will say so
    }
    LOG.warn(
        "The login for {} travels unencrypted over http; use an https address.",
        server.getAuthority());
  }

  @Override
  public void close() {
    trackingClient.close();
  }
}
