package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.Advice;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.Credentials;
import sparkmlflow.wire.CredentialsSource;
import sparkmlflow.wire.Endpoint;
import sparkmlflow.wire.HttpExchange;
import sparkmlflow.wire.Retrier;
import sparkmlflow.wire.Secrets;

/**
 * Tokens of a service principal (OAuth machine to machine): one is used until shortly before it
 * ends, or until the workspace refuses it.
 *
 * <p>Built from reading Databricks' Python SDK 0.156 ({@code credentials_provider.py}, {@code
 * oauth.py}) and tried against a stand-in only: the token's address is asked of {@code
 * /oidc/.well-known/oauth-authorization-server}, client id and secret go to it as HTTP basic
 * authentication with {@code grant_type=client_credentials} and {@code scope=all-apis}.
 */
final class OAuthTokens implements CredentialsSource {

  // the SDK's: "Azure Databricks rejects tokens that expire in 30 seconds or less"
  private static final Duration MARGIN = Duration.ofSeconds(40);
  private static final String DISCOVERY = "/oidc/.well-known/oauth-authorization-server";
  private static final String DEFAULT_PATH = "/oidc/v1/token";

  private final URI host;
  private final Supplier<Credentials.Basic> client;
  private final HttpExchange http;
  private final Retrier retrier;
  private final Secrets secrets;
  private final Clock clock;
  private final Duration limit;

  private @Nullable URI tokenAddress;
  private Credentials token = new Credentials.Anonymous();
  private Instant end = Instant.MIN;

  /**
   * Tokens for one workspace.
   *
   * @param client client id and secret, asked before each new token
   */
  OAuthTokens(
      URI host,
      Supplier<Credentials.Basic> client,
      HttpExchange http,
      Retrier retrier,
      Secrets secrets,
      Clock clock,
      Duration limit) {
    this.host = host;
    this.client = client;
    this.http = http;
    this.retrier = retrier;
    this.secrets = secrets;
    this.clock = clock;
    this.limit = limit;
  }

  @Override
  public synchronized Credentials current() {
    if (!clock.instant().isBefore(end)) {
      fetch();
    }
    return token;
  }

  @Override
  public synchronized boolean renewed(Credentials refused) {
    if (token.equals(refused)) {
      end = Instant.MIN;
    }
    return !current().equals(refused);
  }

  private void fetch() {
    Credentials.Basic principal = client.get();
    secrets.remember(principal);
    JsonNode answer = retrier.repeatable(() -> ask(principal));
    String value = Answers.text("get an OAuth token", answer, "access_token");
    token = secrets.remember(new Credentials.Bearer(value));
    long seconds = answer.path("expires_in").asLong(0);
    end = seconds <= 0 ? Instant.MAX : clock.instant().plusSeconds(seconds).minus(MARGIN);
  }

  private JsonNode ask(Credentials.Basic principal) {
    HttpExchange.Call call = call("POST", tokenAddress());
    HttpRequest request =
        HttpRequest.newBuilder(call.uri())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .header("Authorization", principal.authorization().orElseThrow())
            .POST(BodyPublishers.ofString("grant_type=client_credentials&scope=all-apis"))
            .build();
    return http.json(call, http.requireSuccess(call, send(call, request)));
  }

  private URI tokenAddress() {
    if (tokenAddress == null) {
      tokenAddress = discovered();
    }
    return tokenAddress;
  }

  private URI discovered() {
    HttpExchange.Call call = call("GET", URI.create(host + DISCOVERY));
    HttpRequest request =
        HttpRequest.newBuilder(call.uri()).header("Accept", "application/json").GET().build();
    HttpResponse<String> response = send(call, request);
    if (response.statusCode() == 404) {
      return URI.create(host + DEFAULT_PATH);
    }
    String said =
        http.json(call, http.requireSuccess(call, response)).path("token_endpoint").asText("");
    URI found = said.isEmpty() ? URI.create(host + DEFAULT_PATH) : URI.create(said);
    // the client's secret goes there
    if (!Endpoint.ofMlflow(host, this, Advice.MLFLOW_SERVER).owns(found)) {
      throw MlflowException.refused(
          "get an OAuth token",
          "%s says that its tokens come from %s, another server. The client secret is not sent there; check DATABRICKS_HOST."
              .formatted(host, found.getAuthority()));
    }
    return found;
  }

  private HttpExchange.Call call(String method, URI uri) {
    return new HttpExchange.Call("get an OAuth token", method, uri, limit, "request timeout");
  }

  private HttpResponse<String> send(HttpExchange.Call call, HttpRequest request) {
    return http.answer(call, request, BodyHandlers.ofString(StandardCharsets.UTF_8));
  }
}
