package winequality.mlflow;

import java.net.http.HttpClient;
import java.time.Clock;

/** Makes the calls of a registry, by its address and never by trial. */
final class Registries {

  private final MlflowSettings settings;
  private final HttpClient http;
  private final Retrier retrier;
  private final Secrets secrets;
  private final StorageCalls storage;
  private final PartSizes sizes;
  private final BucketHosts hosts;

  Registries(
      MlflowSettings settings,
      HttpClient http,
      Retrier retrier,
      Secrets secrets,
      StorageCalls storage,
      PartSizes sizes,
      BucketHosts hosts) {
    this.settings = settings;
    this.http = http;
    this.retrier = retrier;
    this.secrets = secrets;
    this.storage = storage;
    this.sizes = sizes;
    this.hosts = hosts;
  }

  /** The registry. Nothing is sent. */
  RegistryCalls of(MlflowAddress address, Endpoint server, RestCalls tracking) {
    if (address instanceof MlflowAddress.UnityCatalog) {
      RestCalls rest = rest(server.under(UnityCatalogCalls.ROOT));
      FilesApi files =
          new FilesApi(rest, storage, settings.http().uploadTimeout(), sizes, Clock.systemUTC());
      Transfers transfers = transfers();
      return new UnityCatalogCalls(
          rest,
          tracking,
          new UnityCatalogFiles(rest, files, storage, catalogStorage(transfers), transfers));
    }
    return new ServerRegistryCalls(
        rest(server),
        address instanceof MlflowAddress.Workspace
            ? RegistryKind.DATABRICKS_WORKSPACE
            : RegistryKind.MLFLOW_SERVER);
  }

  private RestCalls rest(Endpoint endpoint) {
    return new RestCalls(endpoint, http, settings.http().requestTimeout(), retrier, secrets);
  }

  private Transfers transfers() {
    return new Transfers(settings.http().uploadThreads(), "the files of a registered version");
  }

  private CatalogStorage catalogStorage(Transfers transfers) {
    return new CatalogStorage(storage, sizes, hosts, secrets, transfers);
  }
}
