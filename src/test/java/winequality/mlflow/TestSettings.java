package winequality.mlflow;

import java.net.URI;
import java.time.Duration;

/** Settings for tests: short limits of time, three attempts. */
public final class TestSettings {

  public static final String TOKEN = "dapi-0123-very-secret";
  public static final String PASSWORD = "pass/wörd-very-secret";

  public static final DatabricksSettings NO_WORKSPACE =
      new DatabricksSettings("", "", "", "", "", "");

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
    return new MlflowSettings(
        server.toString(),
        "",
        "wine",
        "",
        runId,
        "",
        username,
        password,
        token,
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        3,
        Duration.ofMillis(100),
        3,
        NO_WORKSPACE,
        "");
  }

  /** A workspace by these settings, with a registry (blank: its own). */
  public static MlflowSettings workspace(
      String trackingUri, String registryUri, DatabricksSettings databricks) {
    return new MlflowSettings(
        trackingUri,
        registryUri,
        "/Shared/wine",
        "",
        "",
        "",
        "",
        "",
        "",
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        3,
        Duration.ofMillis(100),
        3,
        databricks,
        "");
  }

  /** One attempt, given up after the limit. */
  public static MlflowSettings waiting(URI server, Duration limit) {
    return new MlflowSettings(
        server.toString(),
        "",
        "wine",
        "",
        "",
        "",
        "",
        "",
        "",
        Duration.ofSeconds(5),
        limit,
        limit,
        1,
        Duration.ofMillis(100),
        1,
        NO_WORKSPACE,
        "");
  }
}
