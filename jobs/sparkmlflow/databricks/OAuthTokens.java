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
import sparkmlflow.wire.Endpoint;
import sparkmlflow.wire.HttpExchange;
import sparkmlflow.wire.Secrets;

/**
 * Tokens of a service principal (OAuth machine to machine).
 *
 * <p>{@code /oidc/.well-known/oauth-authorization-server} names the token endpoint. Client id and
 * secret go there as HTTP basic authentication, with {@code grant_type=client_credentials} and
 * {@code scope=all-apis}.
 *
 * <p>Built from Databricks' Python SDK 0.156 ({@code credentials_provider.py}, {@code oauth.py});
 * tested only against a stand-in.
 */
final class OAuthTokens implements Supplier<ExpiringToken.Fetched> {

  private static final String OPERATION = "get an OAuth token";

  private final URI host;
  private final Supplier<Credentials.Basic> client;
  private final HttpExchange http;
  private final Secrets secrets;
  private final Clock clock;
  private final Duration limit;

  private @Nullable URI tokenAddress;

  /** Tokens for one workspace; {@code client} supplies id and secret before each new token. */
  OAuthTokens(
      URI host,
      Supplier<Credentials.Basic> client,
      HttpExchange http,
      Secrets secrets,
      Clock clock,
      Duration limit) {
    this.host = host;
    this.client = client;
    this.http = http;
    this.secrets = secrets;
    this.clock = clock;
    this.limit = limit;
  }

  @Override
  public ExpiringToken.Fetched get() {
    Credentials.Basic principal = client.get();
    secrets.remember(principal);
    // not repeated here: whoever calls repeats it, and may have little time
    JsonNode answer = ask(principal);
    long seconds = answer.path("expires_in").asLong(0);
    return new ExpiringToken.Fetched(
        Answers.text(OPERATION, answer, "access_token"),
        seconds <= 0 ? Instant.MAX : clock.instant().plusSeconds(seconds));
  }

  private JsonNode ask(Credentials.Basic principal) {
    if (tokenAddress == null) {
      tokenAddress = discovered();
    }
    HttpExchange.Call call = call("POST", tokenAddress);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(call.uri())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Authorization", principal.authorization().orElseThrow())
            .POST(BodyPublishers.ofString("grant_type=client_credentials&scope=all-apis"));
    return http.json(call, http.requireSuccess(call, send(call, request)));
  }

  private URI discovered() {
    URI usual = URI.create(host + "/oidc/v1/token");
    HttpExchange.Call call =
        call("GET", URI.create(host + "/oidc/.well-known/oauth-authorization-server"));
    HttpResponse<String> response = send(call, HttpRequest.newBuilder(call.uri()));
    if (response.statusCode() == 404) {
      return usual;
    }
    String named =
        http.json(call, http.requireSuccess(call, response)).path("token_endpoint").asText("");
    URI found = named.isEmpty() ? usual : URI.create(named);
    // the client secret goes there
    if (!Endpoint.ofMlflow(host, Credentials.Anonymous::new, Advice.MLFLOW_SERVER).owns(found)) {
      throw MlflowException.refused(
          OPERATION,
          "%s names %s, another server, as the source of its tokens. The client secret is not sent there; check DATABRICKS_HOST."
              .formatted(host, found.getAuthority()));
    }
    return found;
  }

  private HttpExchange.Call call(String method, URI uri) {
    return new HttpExchange.Call(OPERATION, method, uri, limit, "request timeout");
  }

  private HttpResponse<String> send(HttpExchange.Call call, HttpRequest.Builder request) {
    HttpRequest json = request.header("Accept", "application/json").build();
    return http.answer(call, json, BodyHandlers.ofString(StandardCharsets.UTF_8));
  }
}
