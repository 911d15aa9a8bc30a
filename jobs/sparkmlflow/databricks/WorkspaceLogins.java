package sparkmlflow.databricks;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.mlflow.tracking.creds.DatabricksDynamicHostCredsProvider;
import org.mlflow.tracking.creds.MlflowHostCreds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.DatabricksSettings;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.Advice;
import sparkmlflow.wire.Credentials;
import sparkmlflow.wire.Failures;
import sparkmlflow.wire.HttpExchange;
import sparkmlflow.wire.Retrier;
import sparkmlflow.wire.Secrets;
import sparkmlflow.wire.WorkspaceHost;

/**
 * Finds out which workspace is meant and as whom the job calls it. In this order:
 *
 * <ol>
 *   <li>the profile in the address, {@code databricks://profile};
 *   <li>host and token, or host and OAuth client id and secret, from the settings;
 *   <li>the profile from the settings;
 *   <li>the cluster the job runs on, through mlflow-client;
 *   <li>the profile {@code DEFAULT}.
 * </ol>
 *
 * <p>All of one source belongs together: a host of one source never gets the token of another.
 * Every source but the settings is asked again for each request. That the cluster's source is
 * filled in a JAR task rests on reading mlflow-client; nothing here was tried in a workspace.
 */
public final class WorkspaceLogins {

  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceLogins.class);
  private static final String OPERATION = "log in to Databricks";

  private final DatabricksSettings settings;
  private final DatabricksProfiles profiles;
  private final HttpClient http;
  private final Retrier retrier;
  private final Secrets secrets;
  private final Clock clock;
  private final Duration limit;

  public WorkspaceLogins(
      DatabricksSettings settings,
      DatabricksProfiles profiles,
      HttpClient http,
      Retrier retrier,
      Secrets secrets,
      Clock clock,
      Duration limit) {
    this.settings = settings;
    this.profiles = profiles;
    this.http = http;
    this.retrier = retrier;
    this.secrets = secrets;
    this.clock = clock;
    this.limit = limit;
  }

  /**
   * The workspace of an address. Nothing is sent.
   *
   * @param profile from the address; empty: none
   * @throws MlflowException if no source says both host and login
   */
  public WorkspaceLogin of(String profile) {
    WorkspaceLogin login = found(profile);
    LOG.info("Databricks workspace {}: the login comes from {}.", login.host(), login.source());
    return login;
  }

  private WorkspaceLogin found(String profile) {
    if (!profile.isEmpty()) {
      return inFile(profile, "databricks://" + profile);
    }
    if (!settings.host().isEmpty() && !settings.token().isEmpty()) {
      Credentials fixed = secrets.remember(new Credentials.Bearer(settings.token()));
      return new WorkspaceLogin(
          WorkspaceHost.parse(settings.host()), () -> fixed, "the settings (token)");
    }
    if (!settings.host().isEmpty() && !settings.clientId().isEmpty()) {
      Credentials.Basic client =
          new Credentials.Basic(settings.clientId(), settings.clientSecret());
      return oauth(WorkspaceHost.parse(settings.host()), () -> client, "the settings (client id)");
    }
    if (!settings.profile().isEmpty()) {
      return inFile(settings.profile(), "the settings (profile)");
    }
    if (!settings.token().isEmpty() || !settings.clientId().isEmpty()) {
      throw MlflowException.refused(
          OPERATION,
          (settings.token().isEmpty() ? "a client id" : "a token")
              + " is set but no host, so it is not clear which workspace it is for. Set"
              + " DATABRICKS_HOST.");
    }
    return onCluster()
        .or(() -> profiles.find("DEFAULT").map(values -> inFile("DEFAULT", "nothing else")))
        .orElseThrow(
            () ->
                MlflowException.refused(
                    OPERATION,
                    "nothing says which workspace and as whom. Set DATABRICKS_HOST with"
                        + " DATABRICKS_TOKEN or with DATABRICKS_CLIENT_ID and"
                        + " DATABRICKS_CLIENT_SECRET, or DATABRICKS_CONFIG_PROFILE; there is no"
                        + " profile DEFAULT in "
                        + profiles.file()
                        + ", and the job does not run on a Databricks cluster that vends"
                        + " credentials."));
  }

  private WorkspaceLogin inFile(String profile, String namedBy) {
    String source = "profile " + profile + " in " + profiles.file();
    Map<String, String> values = profiles.profile(profile, namedBy);
    URI host = host(values, source);
    if (values.containsKey("token")) {
      return new WorkspaceLogin(
          host, () -> new Credentials.Bearer(now(profile, namedBy, host, "token")), source);
    }
    if (values.containsKey("client_id") && values.containsKey("client_secret")) {
      return oauth(
          host,
          () ->
              new Credentials.Basic(
                  now(profile, namedBy, host, "client_id"),
                  now(profile, namedBy, host, "client_secret")),
          source);
    }
    if (values.containsKey("username") && values.containsKey("password")) {
      return new WorkspaceLogin(
          host,
          () ->
              new Credentials.Basic(
                  now(profile, namedBy, host, "username"), now(profile, namedBy, host, "password")),
          source);
    }
    throw MlflowException.refused(
        OPERATION,
        "%s has no token and no client_id with client_secret, only %s. This job logs in with those; another auth_type needs a token made for the job."
            .formatted(source, values.keySet()));
  }

  /** The value as the file has it now, unless the profile leads to another workspace by now. */
  private String now(String profile, String namedBy, URI host, String key) {
    Map<String, String> values = profiles.profile(profile, namedBy);
    String source = "profile " + profile + " in " + profiles.file();
    if (!host(values, source).equals(host)) {
      throw MlflowException.refused(
          OPERATION,
          source + " changed its host while the job runs; its login is not sent to " + host + ".");
    }
    String value = values.getOrDefault(key, "");
    if (value.isEmpty()) {
      throw MlflowException.refused(OPERATION, source + " has no " + key + " any more.");
    }
    return value;
  }

  private static URI host(Map<String, String> values, String source) {
    String host = values.getOrDefault("host", "");
    if (host.isEmpty()) {
      throw MlflowException.refused(OPERATION, source + " has no host.");
    }
    Optional<String> problem = WorkspaceHost.problem("host of " + source, host);
    if (problem.isPresent()) {
      throw MlflowException.refused(OPERATION, problem.get() + ".");
    }
    return WorkspaceHost.parse(host);
  }

  private WorkspaceLogin oauth(URI host, Supplier<Credentials.Basic> client, String source) {
    HttpExchange exchange = new HttpExchange(http, new Failures(secrets, Advice.oauth(source)));
    return new WorkspaceLogin(
        host,
        new OAuthTokens(host, client, exchange, retrier, secrets, clock, limit),
        source + " (OAuth)");
  }

  private static Optional<WorkspaceLogin> onCluster() {
    DatabricksDynamicHostCredsProvider provider =
        DatabricksDynamicHostCredsProvider.createIfAvailable();
    if (provider == null) {
      return Optional.empty();
    }
    MlflowHostCreds first = provider.getHostCreds();
    if (first.getHost() == null || first.getHost().isBlank()) {
      return Optional.empty();
    }
    return Optional.of(
        new WorkspaceLogin(
            WorkspaceHost.parse(first.getHost()),
            // its tokens end while a job runs: asked for each request, never kept
            () -> credentials(provider.getHostCreds()),
            "the cluster the job runs on"));
  }

  private static Credentials credentials(MlflowHostCreds creds) {
    if (creds.getToken() != null) {
      return new Credentials.Bearer(creds.getToken());
    }
    if (creds.getUsername() != null && creds.getPassword() != null) {
      return new Credentials.Basic(creds.getUsername(), creds.getPassword());
    }
    throw MlflowException.refused(
        OPERATION,
        "the cluster names its workspace but vends no credentials to this task. Set"
            + " DATABRICKS_TOKEN from a secret scope in the cluster's environment"
            + " (spark_env_vars).");
  }
}
