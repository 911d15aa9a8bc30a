package sparkmlflow;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.RunArtifacts;
import sparkmlflow.artifacts.StoreDownload;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.databricks.CatalogStorage;
import sparkmlflow.databricks.DatabricksProfiles;
import sparkmlflow.databricks.FilesApi;
import sparkmlflow.databricks.UnityCatalogCalls;
import sparkmlflow.databricks.UnityCatalogFiles;
import sparkmlflow.databricks.WorkspaceLogins;
import sparkmlflow.databricks.storage.BucketHosts;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.RegistryKind;
import sparkmlflow.registry.ServerRegistryCalls;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.Advice;
import sparkmlflow.wire.ClientCalls;
import sparkmlflow.wire.Credentials;
import sparkmlflow.wire.Endpoint;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.Retrier;
import sparkmlflow.wire.Secrets;
import sparkmlflow.wire.StorageCalls;

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
  private final ArtifactStores stores;

  private MlflowConnection(
      MlflowSettings settings,
      Configuration hadoop,
      Pause pause,
      PartSizes sizes,
      BucketHosts hosts) {
    this.settings = settings;
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.http().connectTimeout())
            .build();
    Retrier retrier =
        new Retrier(
            settings.http().maxAttempts(),
            settings.http().backoff(),
            pause,
            () -> ThreadLocalRandom.current().nextDouble());
    WorkspaceLogins logins =
        new WorkspaceLogins(
            settings.databricks(),
            new DatabricksProfiles(configFile(settings.databricks())),
            http,
            retrier,
            secrets,
            Clock.systemUTC(),
            settings.http().requestTimeout());
    MlflowAddress trackingAddress = settings.trackingAddress();
    MlflowAddress registryAddress = settings.registryAddress();
    Endpoint trackingServer = endpoint(trackingAddress, logins);
    Endpoint registryServer =
        registryAddress.sharesServerWith(trackingAddress)
            ? trackingServer
            : endpoint(registryAddress, logins);
    trackingRest =
        new RestCalls(trackingServer, http, settings.http().requestTimeout(), retrier, secrets);
    trackingClient =
        new ClientCalls(trackingServer, settings.http().requestTimeout(), retrier, secrets);
    tracking = new TrackingCalls(trackingRest, trackingClient);
    StorageCalls storage =
        new StorageCalls(http, retrier, secrets, settings.http().uploadTimeout());
    stores = new ArtifactStores(settings, trackingRest, tracking, storage, sizes, hadoop);
    if (registryAddress instanceof MlflowAddress.UnityCatalog) {
      RestCalls rest = trackingRest.at(registryServer.under(UnityCatalogCalls.ROOT));
      Transfers transfers =
          new Transfers(settings.http().uploadThreads(), "the files of a registered version");
      registry =
          new UnityCatalogCalls(
              rest,
              trackingRest,
              new UnityCatalogFiles(
                  rest,
                  new FilesApi(
                      rest, storage, settings.http().uploadTimeout(), sizes, Clock.systemUTC()),
                  storage,
                  new CatalogStorage(storage, sizes, hosts, secrets, transfers),
                  transfers));
    } else {
      registry =
          new ServerRegistryCalls(
              trackingRest.at(registryServer),
              registryAddress instanceof MlflowAddress.Workspace
                  ? RegistryKind.DATABRICKS_WORKSPACE
                  : RegistryKind.MLFLOW_SERVER);
    }
  }

  private Endpoint endpoint(MlflowAddress address, WorkspaceLogins logins) {
    if (address instanceof MlflowAddress.Server server) {
      return server(server.base(), settings.login().credentials());
    }
    return logins.of(address.ofWorkspace().orElse("")).endpoint();
  }

  private Endpoint server(URI base, Credentials credentials) {
    secrets.remember(credentials);
    if (credentials.authorization().isPresent()) {
      warnIfReadable(base);
    }
    return Endpoint.ofMlflow(base, () -> credentials, Advice.MLFLOW_SERVER);
  }

  private static Path configFile(DatabricksSettings settings) {
    return settings.configFile().isEmpty()
        ? Path.of(System.getProperty("user.home"), ".databrickscfg")
        : Path.of(settings.configFile());
  }

  /** A connection by these settings, for jobs that touch no storage of their own. */
  public static MlflowConnection open(MlflowSettings settings) {
    return open(settings, new Configuration());
  }

  /**
   * A connection by these settings.
   *
   * @param hadoop Spark's, with the credentials of storage that the job writes to itself
   */
  public static MlflowConnection open(MlflowSettings settings, Configuration hadoop) {
    return open(
        settings, hadoop, Pause.real(), PartSizes.ofMlflow(), BucketHosts.of(settings.awsRegion()));
  }

  /** A connection that waits between attempts in a way of the caller's. */
  public static MlflowConnection open(MlflowSettings settings, Pause pause) {
    return open(
        settings,
        new Configuration(),
        pause,
        PartSizes.ofMlflow(),
        BucketHosts.of(settings.awsRegion()));
  }

  public static MlflowConnection open(
      MlflowSettings settings,
      Configuration hadoop,
      Pause pause,
      PartSizes sizes,
      BucketHosts hosts) {
    return new MlflowConnection(settings, hadoop, pause, sizes, hosts);
  }

  /** What it was opened with. */
  public MlflowSettings settings() {
    return settings;
  }

  /**
   * Who the workspace says that this login is: a person's address, or the application id of a
   * service principal. Empty if the tracking server is no workspace or does not say.
   *
   * <p>Built from Databricks' documentation and tried against a stand-in only.
   *
   * @see <a href="https://docs.databricks.com/api/workspace/currentuser/me">Current User</a>
   */
  public Optional<String> workspaceUser() {
    if (!inWorkspace()) {
      return Optional.empty();
    }
    try {
      String name =
          trackingRest
              .get("ask who is logged in", "/api/2.0/preview/scim/v2/Me", Map.of())
              .path("userName")
              .asText("");
      return name.isBlank() ? Optional.empty() : Optional.of(name);
    } catch (MlflowException e) {
      LOG.info("{} The name of the system's user is taken instead.", e.getMessage());
      return Optional.empty();
    }
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
    return new RunArtifacts(run, stores.of(run));
  }

  /**
   * Fetches the files that the registry itself keeps of a version, and compares what arrived with
   * its listing.
   *
   * @param folder on this machine, absent or empty; after a failure some files may be there
   * @return empty, and nothing is fetched, where the version's files are those of its run
   * @throws DamagedFilesException if the registry lists no file, or one that it cannot give in full
   */
  public Optional<VerifiedFolder> downloadKept(ModelVersion version, Path folder) {
    return registry.files(version).map(store -> kept(store, version, folder));
  }

  private static VerifiedFolder kept(ArtifactStore store, ModelVersion version, Path folder) {
    String source = version.source().replaceAll("/+$", "");
    int slash = source.lastIndexOf('/');
    List<StoredFile> listed =
        new StoreDownload(
                store,
                "download version " + version.version() + " of " + version.name(),
                "the registry's own folder of the version")
            .into(folder, "");
    return VerifiedFolder.downloaded(
        version.runId(),
        source.substring(0, Math.max(0, slash)),
        source.substring(slash + 1),
        folder,
        listed);
  }

  /** Where a person sees the run, in the part of the UI made for model training. */
  public String runUrl(Run run) {
    return url(run, "");
  }

  /** Where a person sees a file of the run. */
  public String artifactUrl(Run run, String artifactPath) {
    return url(run, "/artifacts/" + artifactPath);
  }

  private String url(Run run, String below) {
    // in a workspace as MLflow's Python prints it (utils/databricks_utils.py)
    return (inWorkspace()
            ? "%s/#mlflow/experiments/%s/runs/%s%s"
            : "%s/#/experiments/%s/runs/%s%s?workflowType=machine_learning")
        .formatted(trackingRest.endpoint().base(), run.experimentId(), run.id(), below);
  }

  private boolean inWorkspace() {
    return settings.trackingAddress() instanceof MlflowAddress.Workspace;
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
