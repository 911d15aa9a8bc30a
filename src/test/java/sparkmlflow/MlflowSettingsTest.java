package sparkmlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.wire.Credentials;
import sparkmlflow.wire.WorkspaceHost;

class MlflowSettingsTest {

  private static MlflowSettings tracking(String uri) {
    return settings(uri, "", "wine", "", "", "");
  }

  private static MlflowSettings settings(
      String tracking,
      String registry,
      String experiment,
      String username,
      String password,
      String token) {
    return new MlflowSettings(
        tracking,
        registry,
        RunSettings.inExperiment(experiment),
        new Login(username, password, token, ""),
        HttpSettings.DEFAULT,
        DatabricksSettings.NONE,
        "");
  }

  @Test
  void slashesAtTheEndGoAndAPathPrefixStays() {
    assertThat(tracking(" https://host:8443/team/mlflow// ").trackingAddress())
        .isEqualTo(new MlflowAddress.Server(URI.create("https://host:8443/team/mlflow")));
  }

  @Test
  void theRegistryIsTheTrackingServerUnlessItHasItsOwnAddress() {
    assertThat(tracking("http://a").registryAddress())
        .isEqualTo(new MlflowAddress.Server(URI.create("http://a")));
    assertThat(settings("http://a", "http://b/", "wine", "", "", "").registryAddress())
        .isEqualTo(new MlflowAddress.Server(URI.create("http://b")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///tmp/mlruns", "sqlite:///mlflow.db", "/tmp/mlruns"})
  void otherSchemesSayWhatIsSupported(String uri) {
    assertThatThrownBy(() -> tracking(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("trackingUri is " + uri)
        .hasMessageContaining("must start with http:// or https://");
  }

  @Test
  void theKindOfServerIsReadFromItsAddress() {
    assertThat(MlflowAddress.parse("databricks")).isEqualTo(new MlflowAddress.Workspace(""));
    assertThat(MlflowAddress.parse("databricks://prod"))
        .isEqualTo(new MlflowAddress.Workspace("prod"));
    assertThat(MlflowAddress.parse("databricks-uc")).isEqualTo(new MlflowAddress.UnityCatalog(""));
    assertThat(MlflowAddress.parse("databricks-uc://prod/"))
        .isEqualTo(new MlflowAddress.UnityCatalog("prod"));
  }

  @Test
  void theRegistryOfAWorkspaceIsUnityCatalogWithTheSameProfileAsInMlflow3() {
    MlflowSettings settings =
        TestSettings.workspace("databricks://prod", "", TestSettings.NO_WORKSPACE);
    assertThat(settings.registryAddress()).isEqualTo(new MlflowAddress.UnityCatalog("prod"));
    assertThat(
            TestSettings.workspace("databricks", "databricks", TestSettings.NO_WORKSPACE)
                .registryAddress())
        .isEqualTo(new MlflowAddress.Workspace(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"databricks://scope:prefix", "databricks:/x", "databricks://"})
  void aProfileThatIsNoneIsRefused(String uri) {
    assertThatThrownBy(() -> TestSettings.workspace(uri, "", TestSettings.NO_WORKSPACE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("trackingUri is " + uri)
        .hasMessageContaining("databricks://profile");
  }

  @Test
  void aRegistryIsNoTrackingServer() {
    for (String uri : new String[] {"databricks-uc", "databricks-uc://p"}) {
      assertThatThrownBy(() -> TestSettings.workspace(uri, "", TestSettings.NO_WORKSPACE))
          .hasMessageContaining("set registryUri to it");
    }
  }

  @Test
  void anExperimentOfAWorkspaceIsAPath() {
    assertThatThrownBy(() -> settings("databricks", "", "wine", "", "", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("experimentName is \"wine\"")
        .hasMessageContaining("/Shared/wine");
    assertThat(settings("databricks", "", "/Shared/wine", "", "", "").run().experimentName())
        .isEqualTo("/Shared/wine");
  }

  @Test
  void theSettingsOfAWorkspaceAreCheckedTogetherAndPrintNoSecret() {
    assertThatThrownBy(
            () ->
                new DatabricksSettings(
                    "http://my.cloud.databricks.com",
                    TestSettings.TOKEN + "\nx",
                    "id",
                    "",
                    "",
                    "",
                    ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(TestSettings.TOKEN)
        .message()
        .satisfies(
            message ->
                assertThat(message.lines().map(line -> line.substring(0, line.indexOf(" "))))
                    .containsExactly("host", "token", "clientSecret", "token"));
    DatabricksSettings client =
        new DatabricksSettings("https://h", "", "id", TestSettings.PASSWORD, "", "", "");
    DatabricksSettings token =
        new DatabricksSettings("https://h", TestSettings.TOKEN, "", "", "", "", "");
    assertThat(TestSettings.workspace("databricks", "", client).toString())
        .contains("****")
        .doesNotContain(TestSettings.PASSWORD);
    assertThat(TestSettings.workspace("databricks", "", token).toString())
        .contains("****")
        .doesNotContain(TestSettings.TOKEN);
  }

  @Test
  void theAddressOfAWorkspaceIsTakenAsPeopleCopyIt() {
    for (String copied :
        new String[] {
          "adb-1.2.azuredatabricks.net",
          "https://adb-1.2.azuredatabricks.net/",
          "https://adb-1.2.azuredatabricks.net/?o=1#mlflow/experiments"
        }) {
      assertThat(WorkspaceHost.problem("k", copied)).isEmpty();
      assertThat(WorkspaceHost.parse(copied)).hasToString("https://adb-1.2.azuredatabricks.net");
    }
    assertThat(WorkspaceHost.problem("k", "https://token:" + TestSettings.TOKEN + "@h"))
        .hasValueSatisfying(problem -> assertThat(problem).doesNotContain(TestSettings.TOKEN));
    assertThat(WorkspaceHost.problem("k", "https://")).isPresent();
    assertThat(WorkspaceHost.problem("k", "http://127.0.0.1:8080")).isEmpty();
  }

  @Test
  void aPasswordInsideTheAddressIsRefusedAndNotShown() {
    for (String uri :
        new String[] {
          "http://ada:" + TestSettings.TOKEN + "@host/x",
          "http://" + TestSettings.TOKEN + "@host",
          "http://ada:" + TestSettings.TOKEN + " @host",
          "ada:" + TestSettings.TOKEN + "@host",
          "https://ada:sec/" + TestSettings.TOKEN + "@host",
          "https://ada:" + TestSettings.TOKEN + "/ret@host",
          "https://ada:" + TestSettings.TOKEN + "@ret@host",
          "https://ada:" + TestSettings.TOKEN + "://ret@host",
          "postgresql://host/db?password=" + TestSettings.TOKEN + "@x",
          "ada:" + TestSettings.TOKEN + "/ret@host"
        }) {
      assertThatThrownBy(() -> tracking(uri))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("trackingUri is ")
          .hasMessageContaining("****@")
          .hasMessageNotContaining(TestSettings.TOKEN)
          .hasNoCause();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "databricks-uc://ada:" + TestSettings.TOKEN + "@p",
        "postgresql://host/db?password=" + TestSettings.TOKEN,
        "http://host_1:5000/?token=" + TestSettings.TOKEN
      })
  void loginsInAddressesOfOtherFormsAreMasked(String uri) {
    assertThatThrownBy(() -> tracking(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("trackingUri is ")
        .hasMessageNotContaining(TestSettings.TOKEN);
  }

  @Test
  void aQueryIsRefused() {
    assertThatThrownBy(() -> tracking("http://host/?token=" + TestSettings.TOKEN))
        .hasMessageContaining("must not have a query")
        .hasMessageNotContaining(TestSettings.TOKEN);
  }

  @Test
  void everythingWrongIsSaidAtOnceWithItsName() {
    assertThatThrownBy(
            () ->
                new MlflowSettings(
                    "",
                    "ftp://x",
                    RunSettings.inExperiment("wine"),
                    Login.NONE,
                    HttpSettings.DEFAULT,
                    DatabricksSettings.NONE,
                    "EU (Frankfurt)"))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .satisfies(
            message ->
                assertThat(names(message))
                    .containsExactly("trackingUri", "registryUri", "awsRegion"));
    assertThatThrownBy(() -> new Login("ada", "", "line\nbreak-" + TestSettings.TOKEN, ""))
        .hasMessageNotContaining(TestSettings.TOKEN)
        .message()
        .satisfies(message -> assertThat(names(message)).containsExactly("password", "token"));
    assertThatThrownBy(
            () ->
                new HttpSettings(
                    Duration.ZERO,
                    Duration.ofSeconds(-1),
                    Duration.ofHours(2),
                    0,
                    Duration.ZERO,
                    65,
                    Duration.ZERO,
                    NetworkSettings.NONE))
        .message()
        .satisfies(
            message ->
                assertThat(names(message))
                    .containsExactly(
                        "connectTimeout",
                        "requestTimeout",
                        "uploadTimeout",
                        "backoff",
                        "patience",
                        "maxAttempts",
                        "uploadThreads"));
    assertThatThrownBy(() -> RunSettings.inExperiment(" "))
        .hasMessageStartingWith("experimentName is not set;");
  }

  private static List<String> names(String message) {
    return message.lines().map(line -> line.substring(0, line.indexOf(" "))).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"uc:x", "uc:http://127.0.0.1:8080"})
  void openSourceUnityCatalogIsRefused(String uri) {
    assertThatThrownBy(() -> tracking(uri))
        .hasMessageStartingWith(
            "trackingUri is " + uri + "; open-source Unity Catalog is not supported");
    assertThatThrownBy(() -> settings("http://a", uri, "wine", "", "", ""))
        .hasMessageStartingWith(
            "registryUri is " + uri + "; open-source Unity Catalog is not supported")
        .hasMessageContaining("databricks-uc for the Unity Catalog of a workspace");
  }

  @Test
  void theEnvironmentIsReadAsByMlflowsOwnClients() {
    MlflowSettings settings =
        MlflowSettings.ofEnvironment(
            Map.of(
                "MLFLOW_TRACKING_URI", "https://mlflow.example.org",
                "MLFLOW_EXPERIMENT_NAME", "forests",
                "MLFLOW_TRACKING_TOKEN", TestSettings.TOKEN,
                "MLFLOW_RUN_ID", " ",
                "AWS_REGION", "eu-west-9"));
    assertThat(settings)
        .isEqualTo(
            new MlflowSettings(
                "https://mlflow.example.org",
                "",
                RunSettings.inExperiment("forests"),
                new Login("", "", TestSettings.TOKEN, ""),
                HttpSettings.DEFAULT,
                DatabricksSettings.NONE,
                "eu-west-9"));
    assertThat(MlflowSettings.ofEnvironment(Map.of()))
        .isEqualTo(MlflowSettings.of("http://127.0.0.1:5000", "Default"));
  }

  @Test
  void secretsAreNotPrinted() {
    MlflowSettings both =
        settings("http://a", "", "wine", "ada", TestSettings.PASSWORD, TestSettings.TOKEN);
    assertThat(both.toString())
        .contains("username=ada", "password=****", "token=****")
        .doesNotContain(TestSettings.PASSWORD, TestSettings.TOKEN);
    assertThat(both.login().credentials().toString()).doesNotContain(TestSettings.PASSWORD);
    assertThat(
            settings("http://a", "", "wine", "", "", TestSettings.TOKEN)
                .login()
                .credentials()
                .toString())
        .doesNotContain(TestSettings.TOKEN);
  }

  @Test
  void userAndPasswordGoBeforeATokenAsInPython() {
    assertThat(settings("http://a", "", "w", "ada", "pw", "t").login().credentials())
        .isEqualTo(new Credentials.Basic("ada", "pw"));
    assertThat(settings("http://a", "", "w", "", "", "t").login().credentials())
        .isEqualTo(new Credentials.Bearer("t"));
    assertThat(tracking("http://a").login().credentials()).isEqualTo(new Credentials.Anonymous());
  }
}
