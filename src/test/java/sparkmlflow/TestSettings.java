package sparkmlflow;

import java.net.URI;
import java.time.Duration;

/** Settings for tests: short time limits, three attempts. */
public final class TestSettings {

  public static final String TOKEN = "dapi-0123-very-secret";
  public static final String PASSWORD = "pass/wörd-very-secret";

  public static final DatabricksSettings NO_WORKSPACE = DatabricksSettings.NONE;

  private static final HttpSettings QUICK =
      new HttpSettings(
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          3,
          Duration.ofMillis(100),
          3,
          Duration.ofMinutes(1),
          NetworkSettings.NONE);

  private TestSettings() {}

  public static MlflowSettings of(URI server) {
    return with(server, "", "", "", "");
  }

  public static MlflowSettings adopting(URI server, String runId) {
    return with(server, runId, "", "", "");
  }

  public static MlflowSettings withToken(URI server) {
    return with(server, "", "", "", TOKEN);
  }

  public static MlflowSettings withPassword(URI server) {
    return with(server, "", "ada", PASSWORD, "");
  }

  private static MlflowSettings with(
      URI server, String runId, String username, String password, String token) {
    return settings(
        server.toString(),
        "",
        runId,
        new Login(username, password, token, ""),
        QUICK,
        NO_WORKSPACE);
  }

  /** A workspace with a registry; blank: its own. */
  public static MlflowSettings workspace(
      String trackingUri, String registryUri, DatabricksSettings databricks) {
    return new MlflowSettings(
        trackingUri,
        registryUri,
        RunSettings.inExperiment("/Shared/wine"),
        Login.NONE,
        QUICK,
        databricks,
        "");
  }

  /** One attempt with this time limit. */
  public static MlflowSettings waiting(URI server, Duration limit) {
    return settings(
        server.toString(),
        "",
        "",
        Login.NONE,
        new HttpSettings(
            Duration.ofSeconds(5),
            limit,
            limit,
            1,
            Duration.ofMillis(100),
            1,
            QUICK.patience(),
            NetworkSettings.NONE),
        NO_WORKSPACE);
  }

  /** One attempt with this login, and perhaps a separate registry. */
  public static MlflowSettings once(URI server, String registry, Login login) {
    return settings(
        server.toString(),
        registry,
        "",
        login,
        new HttpSettings(
            QUICK.connectTimeout(),
            QUICK.requestTimeout(),
            QUICK.uploadTimeout(),
            1,
            QUICK.backoff(),
            1,
            QUICK.patience(),
            NetworkSettings.NONE),
        NO_WORKSPACE);
  }

  private static MlflowSettings settings(
      String server,
      String registry,
      String runId,
      Login login,
      HttpSettings http,
      DatabricksSettings databricks) {
    return new MlflowSettings(
        server, registry, new RunSettings("wine", "", runId, ""), login, http, databricks, "");
  }
}
