package sparkmlflow.databricks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sparkmlflow.HttpSettings;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.wire.Advice;
import sparkmlflow.wire.Credentials;
import sparkmlflow.wire.Endpoint;
import sparkmlflow.wire.Failures;
import sparkmlflow.wire.HttpExchange;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.Retrier;
import sparkmlflow.wire.Secrets;
import sparkmlflow.wire.Transport;

class OAuthTokensTest {

  private static final String DISCOVERY = "/oidc/.well-known/oauth-authorization-server";

  private final ScriptedServer server = ScriptedServer.start();
  private final Secrets secrets = new Secrets();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @AfterEach
  void stop() {
    server.close();
  }

  private ExpiringToken tokens() {
    Clock clock =
        new Clock() {
          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return now;
          }
        };
    return new ExpiringToken(
        new OAuthTokens(
            server.uri(),
            () -> new Credentials.Basic("client", TestSettings.PASSWORD),
            new HttpExchange(
                Transport.toOthers(HttpSettings.DEFAULT, secrets),
                new Failures(secrets, Advice.oauth("the test"))),
            secrets,
            clock,
            Duration.ofSeconds(20)),
        secrets,
        clock);
  }

  private void tokenEndpoint(String path) {
    server.on(
        "GET",
        DISCOVERY,
        ScriptedServer.json("{\"token_endpoint\": \"" + server.uri() + path + "\"}"));
  }

  private static ScriptedServer.Reply token(String value, int seconds) {
    return ScriptedServer.json(
        "{\"access_token\": \"%s\", \"token_type\": \"Bearer\", \"expires_in\": %d}"
            .formatted(value, seconds));
  }

  @Test
  void clientIdAndSecretAreTradedForATokenAtTheAddressTheWorkspaceNames() {
    tokenEndpoint("/oidc/accounts/7/v1/token");
    server.on("POST", "/oidc/accounts/7/v1/token", token("t1", 3600));
    assertThat(tokens().current()).isEqualTo(new Credentials.Bearer("t1"));
    ScriptedServer.Request request = server.requests("/v1/token").get(0);
    assertThat(request.body()).isEqualTo("grant_type=client_credentials&scope=all-apis");
    assertThat(request.header("Content-Type")).isEqualTo("application/x-www-form-urlencoded");
    String pair = "client:" + TestSettings.PASSWORD;
    assertThat(request.header("Authorization"))
        .isEqualTo(
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aTokenIsUsedUntilFortySecondsBeforeItsEnd() {
    tokenEndpoint("/t");
    server.on("POST", "/t", token("t1", 3600), token("t2", 3600));
    ExpiringToken tokens = tokens();
    assertThat(tokens.current()).isEqualTo(new Credentials.Bearer("t1"));
    now = now.plusSeconds(3559);
    assertThat(tokens.current()).isEqualTo(new Credentials.Bearer("t1"));
    now = now.plusSeconds(1);
    assertThat(tokens.current()).isEqualTo(new Credentials.Bearer("t2"));
    assertThat(server.requests("/t")).hasSize(2);
    assertThat(server.requests(DISCOVERY)).hasSize(1);
  }

  @Test
  void aTokenThatWasRefusedIsReplacedAndALateRefusalOfItReplacesNothing() {
    tokenEndpoint("/t");
    server.on("POST", "/t", token("t1", 3600), token("t2", 3600), token("t3", 3600));
    ExpiringToken tokens = tokens();
    Credentials first = tokens.current();
    assertThat(tokens.renewed(first)).isTrue();
    assertThat(tokens.current()).isEqualTo(new Credentials.Bearer("t2"));
    assertThat(tokens.renewed(first)).isTrue();
    assertThat(tokens.current()).isEqualTo(new Credentials.Bearer("t2"));
  }

  @Test
  void aWorkspaceThatNamesNoAddressIsAskedAtTheUsualOne() {
    server.on("POST", "/oidc/v1/token", token("t1", 3600));
    assertThat(tokens().current()).isEqualTo(new Credentials.Bearer("t1"));
  }

  @Test
  void theSecretIsNotSentToAnotherServer() {
    try (ScriptedServer other = ScriptedServer.start()) {
      server.on(
          "GET", DISCOVERY, ScriptedServer.json("{\"token_endpoint\": \"" + other.uri() + "/t\"}"));
      ExpiringToken tokens = tokens();
      assertThatThrownBy(tokens::current)
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining(other.uri().getAuthority())
          .hasMessageContaining("is not sent there");
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void aWrongSecretIsNamedAndNotShown() {
    tokenEndpoint("/t");
    server.on(
        "POST",
        "/t",
        ScriptedServer.json(
            401,
            "{\"error\": \"invalid_client\", \"error_description\": \"no client with "
                + TestSettings.PASSWORD
                + "\"}"));
    ExpiringToken tokens = tokens();
    assertThatThrownBy(tokens::current)
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("401 with invalid_client: no client with ****")
        .hasMessageContaining("client id or secret from the test is wrong")
        .hasMessageNotContaining(TestSettings.PASSWORD);
    assertThat(server.requests("/t")).hasSize(1);
  }

  @Test
  void aTokenServerThatIsBusyIsAskedAgainByTheCallThatNeedsTheToken() {
    tokenEndpoint("/t");
    server.on("POST", "/t", ScriptedServer.error(503, "BUSY", "later"), token("t1", 3600));
    server.on("GET", "runs/get", ScriptedServer.json("{}"));
    new RestCalls(
            Endpoint.ofMlflow(server.uri(), tokens(), Advice.workspace("the test")),
            Transport.toOthers(HttpSettings.DEFAULT, secrets),
            Duration.ofSeconds(20),
            Retrier.of(HttpSettings.DEFAULT, pause -> {}),
            secrets)
        .get("look up a run", "runs/get", Map.of());
    assertThat(server.requests("runs/get"))
        .extracting(request -> request.header("Authorization"))
        .containsExactly("Bearer t1");
  }
}
