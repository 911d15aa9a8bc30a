package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sparkmlflow.MlflowConnection;
import sparkmlflow.TestSettings;
import sparkmlflow.databricks.StandInWorkspace;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.config.SettingsSource.Assignment;

class CallerTest {

  private static MlflowConnection open(Map<String, String> environment, String trackingUri) {
    return MlflowConnection.open(
        new SettingsLoader()
            .load(
                new SettingsSource(
                    Optional.empty(),
                    List.of(
                        new Assignment("--set a", "mlflow.tracking-uri", trackingUri),
                        new Assignment("--set b", "mlflow.experiment-name", "/Shared/wine"),
                        new Assignment("--set c", "registry.enabled", "false")),
                    environment))
            .mlflow());
  }

  @Test
  void inAWorkspaceItIsWhoIsLoggedInThere() {
    try (StandInWorkspace workspace = new StandInWorkspace("GCP_SIGNED_URL")) {
      Map<String, String> login =
          Map.of(
              "DATABRICKS_HOST",
              workspace.uri().toString(),
              "DATABRICKS_TOKEN",
              TestSettings.TOKEN);
      try (MlflowConnection connection = open(login, "databricks")) {
        assertThat(Caller.of(connection, Map.of("GITHUB_ACTOR", "grace")))
            .isEqualTo("ada@example.com");
        workspace.forgetUser();
        assertThat(Caller.of(connection, Map.of("GITHUB_ACTOR", "grace"))).isEqualTo("grace");
      }
    }
  }

  @Test
  void elsewhereItIsTheLoginThenThePlatformThenTheSystem() {
    try (MlflowConnection connection =
        open(
            Map.of("MLFLOW_TRACKING_USERNAME", "mary", "MLFLOW_TRACKING_PASSWORD", "secret"),
            "https://mlflow.example")) {
      assertThat(Caller.of(connection, Map.of("GITHUB_ACTOR", "grace"))).isEqualTo("mary");
    }
    try (MlflowConnection connection = open(Map.of(), "https://mlflow.example")) {
      assertThat(Caller.of(connection, Map.of("GITHUB_ACTOR", " ", "GITLAB_USER_LOGIN", "grace")))
          .isEqualTo("grace");
      assertThat(Caller.of(connection, Map.of())).isEqualTo(System.getProperty("user.name"));
    }
  }
}
