package sparkmlflow;

import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.FolderArtifactStore;
import sparkmlflow.artifacts.HadoopArtifactStore;
import sparkmlflow.artifacts.ProxyArtifactStore;
import sparkmlflow.artifacts.RunArtifacts;
import sparkmlflow.artifacts.StoreDownload;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.databricks.CatalogStorage;
import sparkmlflow.databricks.DatabricksProfiles;
import sparkmlflow.databricks.FilesApi;
import sparkmlflow.databricks.FilesApiArtifactStore;
import sparkmlflow.databricks.SignedArtifactStore;
import sparkmlflow.databricks.UnityCatalogCalls;
import sparkmlflow.databricks.UnityCatalogFiles;
import sparkmlflow.databricks.WorkspaceArtifactStore;
import sparkmlflow.databricks.WorkspaceLogins;
import sparkmlflow.databricks.storage.BucketHosts;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.RegistryKind;
import sparkmlflow.registry.ServerRegistryCalls;
import sparkmlflow.tracking.FileListing;
import sparkmlflow.tracking.LoggedModels;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.Advice;
import sparkmlflow.wire.Credentials;
import sparkmlflow.wire.Endpoint;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.Retrier;
import sparkmlflow.wire.Secrets;
import sparkmlflow.wire.StorageCalls;
import sparkmlflow.wire.Transport;
import sparkmlflow.wire.WorkspaceHost;

/**
 * A connection to one tracking server and one registry, which may be the same server.
 *
 * <p>Opening it sends nothing. Several threads may share it. Once it is closed, it sends nothing.
 */
public final class MlflowConnection implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MlflowConnection.class);

  private final MlflowSettings settings;
  private final Secrets secrets = new Secrets();
  private final RestCalls trackingRest;
  private final TrackingCalls tracking;
  private final RegistryCalls registry;
  private final StorageCalls storage;
  private final Transport toMlflow;
  private final Transport toOthers;
  private final PartSizes sizes;
  private final Configuration hadoop;

  private MlflowConnection(
      MlflowSettings settings,
      Configuration hadoop,
      Pause pause,
      PartSizes sizes,
      BucketHosts hosts) {
    this.settings = settings;
    this.hadoop = hadoop;
    this.sizes = sizes;
    HttpSettings limits = settings.http();
    toMlflow = Transport.toMlflow(limits, secrets);
    toOthers = Transport.toOthers(limits, secrets);
    Retrier retrier = Retrier.of(limits, pause);
    WorkspaceLogins logins =
        new WorkspaceLogins(
            settings.databricks(),
            new DatabricksProfiles(configFile(settings.databricks())),
            toOthers,
            secrets,
            Clock.systemUTC(),
            limits.requestTimeout());
    MlflowAddress trackingAddress = settings.trackingAddress();
    MlflowAddress registryAddress = settings.registryAddress();
    Endpoint trackingServer = endpoint(trackingAddress, logins);
    Endpoint registryServer =
        registryAddress.sharesServerWith(trackingAddress)
            ? trackingServer
            : endpoint(registryAddress, logins);
    trackingRest =
        new RestCalls(
            trackingServer, way(trackingAddress), limits.requestTimeout(), retrier, secrets);
    tracking = new TrackingCalls(trackingRest);
    storage = new StorageCalls(toOthers, retrier, secrets, limits.uploadTimeout());
    if (registryAddress instanceof MlflowAddress.UnityCatalog) {
      RestCalls rest = trackingRest.at(registryServer.under(UnityCatalogCalls.ROOT), toOthers);
      Transfers transfers =
          new Transfers(limits.uploadThreads(), "the files of a registered version");
      registry =
          new UnityCatalogCalls(
              rest,
              trackingRest,
              new UnityCatalogFiles(
                  rest,
                  new FilesApi(rest, storage, limits.uploadTimeout(), sizes, Clock.systemUTC()),
                  storage,
                  new CatalogStorage(storage, sizes, hosts, secrets, transfers),
                  transfers));
    } else {
      registry =
          new ServerRegistryCalls(
              trackingRest.at(registryServer, way(registryAddress)),
              registryAddress instanceof MlflowAddress.Workspace
                  ? RegistryKind.DATABRICKS_WORKSPACE
                  : RegistryKind.MLFLOW_SERVER);
    }
  }

  private Transport way(MlflowAddress address) {
    return address instanceof MlflowAddress.Server ? toMlflow : toOthers;
  }

  private Endpoint endpoint(MlflowAddress address, WorkspaceLogins logins) {
    if (!(address instanceof MlflowAddress.Server server)) {
      return logins.of(address.ofWorkspace().orElse("")).endpoint();
    }
    URI base = server.base();
    Credentials credentials = secrets.remember(settings.login().credentials());
    if (credentials.authorization().isPresent()
        && "http".equals(base.getScheme())
        && !WorkspaceHost.isThisMachine(base.getHost())) {
      LOG.warn(
          "The login for {} is sent unencrypted over http; use an https address.",
          base.getAuthority());
    }
    return Endpoint.ofMlflow(
            base,
            () -> credentials,
            credentials.authorization().isPresent() ? Advice.MLFLOW_SERVER : Advice.WITHOUT_LOGIN)
        .inWorkspace(settings.login().workspace());
  }

  private static Path configFile(DatabricksSettings settings) {
    return settings.configFile().isEmpty()
        ? Path.of(System.getProperty("user.home"), ".databrickscfg")
        : Path.of(settings.configFile());
  }

  /** A connection for jobs that access no storage through Hadoop. */
  public static MlflowConnection open(MlflowSettings settings) {
    return open(settings, new Configuration());
  }

  /** For jobs that run Spark; {@code hadoop} has the credentials of storage that they write to. */
  public static MlflowConnection open(MlflowSettings settings, Configuration hadoop) {
    return open(settings, hadoop, Pause.real());
  }

  /** A connection that waits between attempts by {@code pause}. */
  public static MlflowConnection open(MlflowSettings settings, Pause pause) {
    return open(settings, new Configuration(), pause);
  }

  private static MlflowConnection open(MlflowSettings settings, Configuration hadoop, Pause pause) {
    BucketHosts hosts = BucketHosts.of(settings.awsRegion());
    return open(settings, hadoop, pause, PartSizes.ofMlflow(), hosts);
  }

  public static MlflowConnection open(
      MlflowSettings settings,
      Configuration hadoop,
      Pause pause,
      PartSizes sizes,
      BucketHosts hosts) {
    return new MlflowConnection(settings, hadoop, pause, sizes, hosts);
  }

  public MlflowSettings settings() {
    return settings;
  }

  /**
   * The user of this login in the workspace: an e-mail address, or the application id of a service
   * principal. Empty if the tracking server is not a workspace or its answer names no user.
   *
   * <p>Built from Databricks' documentation and tested against a stand-in only.
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
      LOG.info("{} Using the name of the operating system's user instead.", e.getMessage());
      return Optional.empty();
    }
  }

  public TrackingCalls tracking() {
    return tracking;
  }

  /** Empty for a workspace, whose logged models keep their files in another way. */
  public Optional<LoggedModels> loggedModels() {
    return inWorkspace() ? Optional.empty() : Optional.of(new LoggedModels(trackingRest));
  }

  public RegistryCalls registry() {
    return registry;
  }

  /** Masks the secrets of this connection in texts. */
  public Secrets secrets() {
    return secrets;
  }

  /** A run's files; throws {@link MlflowException} if this job cannot reach the artifact root. */
  public RunArtifacts artifacts(Run run) {
    return new RunArtifacts(run, store(run));
  }

  private ArtifactStore store(Run run) {
    String uri = run.artifactUri();
    if (inWorkspace()) {
      String owner = "run " + run.id();
      Duration timeout = settings.http().uploadTimeout();
      Transfers transfers = transfers(owner);
      FilesApi files = new FilesApi(trackingRest, storage, timeout, sizes, Clock.systemUTC());
      Optional<String> folder = WorkspaceArtifactStore.folder(uri);
      if (folder.isPresent()) {
        return new WorkspaceArtifactStore(
            new FilesApiArtifactStore(files, owner, folder.get(), transfers),
            new SignedArtifactStore(tracking, trackingRest, storage, run.id(), sizes, transfers));
      }
      if (uri.startsWith("dbfs:/Volumes/")) {
        return new FilesApiArtifactStore(files, owner, uri.substring("dbfs:".length()), transfers);
      }
    }
    return store(tracking.files(run.id()), uri);
  }

  private ArtifactStore store(FileListing listing, String uri) {
    Transfers transfers = transfers(listing.owner());
    if (uri.startsWith("mlflow-artifacts:")) {
      Duration timeout = settings.http().uploadTimeout();
      return new ProxyArtifactStore(trackingRest, listing, URI.create(uri), timeout, transfers);
    }
    if (uri.startsWith("file:") || !uri.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
      return new FolderArtifactStore(listing, uri, transfers);
    }
    return HadoopArtifactStore.of(hadoop, listing.owner(), uri, transfers);
  }

  private Transfers transfers(String owner) {
    return new Transfers(settings.http().uploadThreads(), "the files of " + owner);
  }

  /** A logged model's files; throws {@link MlflowException} as {@link #artifacts} does. */
  public ArtifactStore files(LoggedModels models, LoggedModels.LoggedModel model) {
    return store(models.files(model.id()), model.artifactUri());
  }

  /** Whether the registry knows the tracking server's logged models. */
  public boolean registersLoggedModels() {
    return settings.registryAddress().equals(settings.trackingAddress());
  }

  /**
   * Downloads the files of a version from the registry's own storage, or from the logged model that
   * it was made from, and compares them with the listing.
   *
   * @param folder on this machine, absent or empty; may hold some files after a failure
   * @return empty, without a download, if the files are a run's
   * @throws DamagedFilesException if no file is listed, one is not delivered in full, or the model
   *     is gone
   */
  public Optional<VerifiedFolder> downloadKept(ModelVersion version, Path folder) {
    String source = version.source().replaceAll("/+$", "");
    Optional<ArtifactStore> own = registry.files(version);
    if (own.isPresent()) {
      String root = "the registry's own folder of the version";
      return Optional.of(kept(own.get(), root, version, StoredFile.name(source), folder));
    }
    return loggedModels()
        .flatMap(
            models ->
                LoggedModels.idIn(source)
                    .map(id -> found(models, id, version))
                    .map(
                        model ->
                            kept(files(models, model), source, version, model.name(), folder)));
  }

  private static LoggedModels.LoggedModel found(
      LoggedModels models, String id, ModelVersion version) {
    try {
      return models.model(id);
    } catch (MlflowException e) {
      if (!e.has(RestCalls.MISSING)) {
        throw e;
      }
      throw new DamagedFilesException(
          operation(version), "its logged model " + id + " was deleted. Use another version.", e);
    }
  }

  private static String operation(ModelVersion version) {
    return "download version " + version.version() + " of " + version.name();
  }

  private static VerifiedFolder kept(
      ArtifactStore store, String root, ModelVersion version, String name, Path folder) {
    List<StoredFile> listed = new StoreDownload(store, operation(version), root).into(folder, "");
    return VerifiedFolder.downloaded(
        version.runId(), version.source().replaceAll("/+$", ""), name, folder, listed);
  }

  /** The run's page in the UI's view for model training. */
  public String runUrl(Run run) {
    return url(run, "");
  }

  /** The page of a file of the run. */
  public String artifactUrl(Run run, String artifactPath) {
    return url(run, "/artifacts/" + artifactPath);
  }

  private String url(Run run, String below) {
    // the workspace's form is that of MLflow's Python (utils/databricks_utils.py)
    String path = "experiments/%s/runs/%s%s".formatted(run.experimentId(), run.id(), below);
    return inWorkspace()
        ? trackingRest.endpoint().base() + "/#mlflow/" + path
        : trackingRest.endpoint().page(path);
  }

  private boolean inWorkspace() {
    return settings.trackingAddress() instanceof MlflowAddress.Workspace;
  }

  @Override
  public void close() {
    toMlflow.close();
    toOthers.close();
  }
}
