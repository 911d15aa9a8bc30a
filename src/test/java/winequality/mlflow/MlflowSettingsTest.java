package winequality.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        experiment,
        "",
        "",
        "",
        username,
        password,
        token,
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        1,
        Duration.ofSeconds(1),
        1);
  }

  @Test
  void slashesAtTheEndGoAndAPathPrefixStays() {
    assertThat(tracking(" https://host:8443/team/mlflow// ").trackingAddress())
        .hasToString("https://host:8443/team/mlflow");
  }

  @Test
  void theRegistryIsTheTrackingServerUnlessItHasItsOwnAddress() {
    assertThat(tracking("http://a").registryAddress()).hasToString("http://a");
    assertThat(settings("http://a", "http://b/", "wine", "", "", "").registryAddress())
        .hasToString("http://b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"file:///tmp/mlruns", "sqlite:///mlflow.db", "databricks", "/tmp/mlruns", "uc:x"})
  void otherSchemesSayWhatIsSupported(String uri) {
    assertThatThrownBy(() -> tracking(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("mlflow.tracking-uri is " + uri)
        .hasMessageContaining("must start with http:// or https://");
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
          .hasMessageStartingWith("mlflow.tracking-uri is ")
          .hasMessageContaining("****@")
          .hasMessageNotContaining(TestSettings.TOKEN)
          .hasNoCause();
    }
  }

  @Test
  void aQueryIsRefused() {
    assertThatThrownBy(() -> tracking("http://host/?token=" + TestSettings.TOKEN))
        .hasMessageContaining("must not have a query")
        .hasMessageNotContaining(TestSettings.TOKEN);
  }

  @Test
  void everythingWrongIsSaidAtOnceWithItsKey() {
    assertThatThrownBy(
            () ->
                new MlflowSettings(
                    "",
                    "ftp://x",
                    " ",
                    "",
                    "",
                    "",
                    "ada",
                    "",
                    "line\nbreak-" + TestSettings.TOKEN,
                    Duration.ZERO,
                    Duration.ofSeconds(-1),
                    Duration.ofHours(2),
                    0,
                    Duration.ZERO,
                    65))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(TestSettings.TOKEN)
        .message()
        .satisfies(
            message ->
                assertThat(message.lines().map(line -> line.substring(0, line.indexOf(" "))))
                    .containsExactly(
                        "mlflow.tracking-uri",
                        "mlflow.registry-uri",
                        "mlflow.experiment-name",
                        "mlflow.password",
                        "mlflow.token",
                        "mlflow.connect-timeout",
                        "mlflow.request-timeout",
                        "mlflow.upload-timeout",
                        "mlflow.backoff",
                        "mlflow.max-attempts",
                        "mlflow.upload-threads"));
  }

  @Test
  void secretsAreNotPrinted() {
    MlflowSettings both =
        settings("http://a", "", "wine", "ada", TestSettings.PASSWORD, TestSettings.TOKEN);
    assertThat(both.toString())
        .contains("username=ada", "password=****", "token=****")
        .doesNotContain(TestSettings.PASSWORD, TestSettings.TOKEN);
    assertThat(both.credentials().toString()).doesNotContain(TestSettings.PASSWORD);
    assertThat(
            settings("http://a", "", "wine", "", "", TestSettings.TOKEN).credentials().toString())
        .doesNotContain(TestSettings.TOKEN);
  }

  @Test
  void userAndPasswordGoBeforeATokenAsInPython() {
    assertThat(settings("http://a", "", "w", "ada", "pw", "t").credentials())
        .isEqualTo(new Credentials.Basic("ada", "pw"));
    assertThat(settings("http://a", "", "w", "", "", "t").credentials())
        .isEqualTo(new Credentials.Bearer("t"));
    assertThat(tracking("http://a").credentials()).isEqualTo(new Credentials.Anonymous());
  }
}
