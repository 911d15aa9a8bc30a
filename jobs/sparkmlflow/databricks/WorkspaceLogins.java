package sparkmlflow.databricks;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.mlflow.tracking.creds.DatabricksDynamicHostCredsProvider;
import org.mlflow.tracking.creds.MlflowHostCreds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.DatabricksSettings;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.Advice;
import sparkmlflow.wire.Credentials;
import sparkmlflow.wire.Endpoint;
import sparkmlflow.wire.Failures;
import sparkmlflow.wire.HttpExchange;
import sparkmlflow.wire.Secrets;
import sparkmlflow.wire.Transport;
import sparkmlflow.wire.WorkspaceHost;

/**
 * Determines which workspace the job calls, and as whom. In this order:
 *
 * <ol>
 *   <li>the profile in the address, {@code databricks://profile};
 *   <li>host and token, or host and OAuth client id and secret, from the settings;
 *   <li>the profile from the settings;
 *   <li>the cluster the job runs on, through mlflow-client;
 *   <li>the profile {@code DEFAULT}.
 * </ol>
 *
 * <p>Host and login always come from the same source: a host never gets another source's token.
 * Every source except the settings is read again for each request.
 *
 * <p>Nothing here was tried in a workspace. That the cluster's source is filled in a JAR task is
 * known only from reading mlflow-client.
 */
public final class WorkspaceLogins {

  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceLogins.class);
  private static final String OPERATION = "log in to Databricks";

  private final DatabricksSettings settings;
  private final DatabricksProfiles profiles;
  private final Transport transport;
  private final Secrets secrets;
  private final Clock clock;
  private final Duration limit;

  public WorkspaceLogins(
      DatabricksSettings settings,
      DatabricksProfiles profiles,
      Transport transport,
      Secrets secrets,
      Clock clock,
      Duration limit) {
    this.settings = settings;
    this.profiles = profiles;
    this.transport = transport;
    this.secrets = secrets;
    this.clock = clock;
    this.limit = limit;
  }

  /** A workspace and its login; the source says where the login comes from, never its value. */
  public record WorkspaceLogin(URI host, Credentials.Source credentials, String source) {

    public Endpoint endpoint() {
      return Endpoint.ofMlflow(host, credentials, Advice.workspace(source));
    }
  }

  /**
   * The workspace of an address; sends nothing. Throws {@link MlflowException} if no source gives
   * both host and login.
   *
   * @param profile from the address; empty for none
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
    boolean host = !settings.host().isEmpty();
    boolean token = !settings.token().isEmpty();
    boolean client = !settings.clientId().isEmpty();
    if (host && token) {
      Credentials fixed = secrets.remember(new Credentials.Bearer(settings.token()));
      return new WorkspaceLogin(
          WorkspaceHost.parse(settings.host()), () -> fixed, "the settings (token)");
    }
    if (host && client) {
      Credentials.Basic login = new Credentials.Basic(settings.clientId(), settings.clientSecret());
      return oauth(WorkspaceHost.parse(settings.host()), () -> login, "the settings (client id)");
    }
    if (!settings.profile().isEmpty()) {
      return inFile(settings.profile(), "the settings (profile)");
    }
    if (token || client) {
      throw MlflowException.refused(
          OPERATION,
          "%s is set but no host. Set DATABRICKS_HOST to the address of its workspace."
              .formatted(token ? "a token" : "a client id"));
    }
    return onCluster()
        .or(() -> profiles.find("DEFAULT").map(values -> inFile("DEFAULT", "Databricks' default")))
        .orElseThrow(
            () ->
                MlflowException.refused(
                    OPERATION,
                    "neither a workspace nor a login is set. Set DATABRICKS_HOST with DATABRICKS_TOKEN or with DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or DATABRICKS_CONFIG_PROFILE. There is no profile DEFAULT in %s, and the job does not run on a Databricks cluster that vends credentials."
                        .formatted(profiles.file())));
  }

  private WorkspaceLogin inFile(String profile, String namedBy) {
    String source = "profile " + profile + " in " + profiles.file();
    Map<String, String> values = profiles.profile(profile, namedBy);
    URI host = host(values, source);
    UnaryOperator<String> now = key -> now(profile, namedBy, host, key);
    if (values.containsKey("token")) {
      return new WorkspaceLogin(host, () -> new Credentials.Bearer(now.apply("token")), source);
    }
    if (values.containsKey("client_id") && values.containsKey("client_secret")) {
      return oauth(
          host,
          () -> new Credentials.Basic(now.apply("client_id"), now.apply("client_secret")),
          source);
    }
    if (values.containsKey("username") && values.containsKey("password")) {
      return new WorkspaceLogin(
          host, () -> new Credentials.Basic(now.apply("username"), now.apply("password")), source);
    }
    if (values.getOrDefault("auth_type", "").equals("databricks-cli")) {
      CliTokens tokens =
          new CliTokens(settings.cliPath(), profile, profiles.file(), limit, secrets);
      return new WorkspaceLogin(
          host,
          new ExpiringToken(
              () -> {
                now(profile, namedBy, host, "auth_type");
                return tokens.get();
              },
              secrets,
              clock),
          source + " (databricks auth login)");
    }
    throw MlflowException.refused(
        OPERATION,
        "%s has neither a token, nor a client_id with client_secret, nor the auth_type databricks-cli, only %s. This job logs in with those; make a profile with databricks auth login, or create a token for the job."
            .formatted(source, values.keySet()));
  }

  /** The file's value now; throws {@link MlflowException} if it is gone or the host is another. */
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
      throw MlflowException.refused(OPERATION, source + " no longer has a " + key + ".");
    }
    return value;
  }

  private static URI host(Map<String, String> values, String source) {
    String host = values.getOrDefault("host", "");
    Optional<String> problem =
        host.isEmpty()
            ? Optional.of(source + " has no host")
            : WorkspaceHost.problem("host of " + source, host);
    if (problem.isPresent()) {
      throw MlflowException.refused(OPERATION, problem.get() + ".");
    }
    return WorkspaceHost.parse(host);
  }

  private WorkspaceLogin oauth(URI host, Supplier<Credentials.Basic> client, String source) {
    HttpExchange exchange =
        new HttpExchange(transport, new Failures(secrets, Advice.oauth(source)));
    return new WorkspaceLogin(
        host,
        new ExpiringToken(
            new OAuthTokens(host, client, exchange, secrets, clock, limit), secrets, clock),
        source + " (OAuth)");
  }

  private static Optional<WorkspaceLogin> onCluster() {
    DatabricksDynamicHostCredsProvider provider =
        DatabricksDynamicHostCredsProvider.createIfAvailable();
    if (provider == null) {
      return Optional.empty();
    }
    String host = provider.getHostCreds().getHost();
    if (host == null || host.isBlank()) {
      return Optional.empty();
    }
    return Optional.of(
        new WorkspaceLogin(
            WorkspaceHost.parse(host),
            // its tokens expire while a job runs, so they are requested each time and never kept
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
        "the cluster names its workspace but vends no credentials to this task. Set DATABRICKS_TOKEN from a secret scope in the cluster's environment (spark_env_vars).");
  }
}
