package winequality.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * The calls that mlflow-client has not, over {@code java.net.http}: JSON under {@code
 * /api/2.0/mlflow/} and the transfer of a file.
 *
 * <p>Also every call that creates something. mlflow-client 2.17.2 sends any request which the
 * server answered with an error up to three times at once, without a look at what the first one
 * did, and so can create twice.
 *
 * <p>HTTP/1.1 without redirections. The limit of time covers the whole exchange, the last byte of
 * the answer included.
 */
final class RestCalls {

  static final ObjectMapper JSON = new ObjectMapper();

  private static final BodyHandler<String> TEXT = BodyHandlers.ofString(StandardCharsets.UTF_8);

  private final Endpoint endpoint;
  private final HttpClient http;
  private final Duration requestTimeout;
  private final Retrier retrier;
  private final Secrets secrets;
  private final Failures failures;

  RestCalls(
      Endpoint endpoint,
      HttpClient http,
      Duration requestTimeout,
      Retrier retrier,
      Secrets secrets) {
    this.endpoint = endpoint;
    this.http = http;
    this.requestTimeout = requestTimeout;
    this.retrier = retrier;
    this.secrets = secrets;
    this.failures = new Failures(secrets);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Retrier retrier() {
    return retrier;
  }

  /** Asks, and asks again where that may help. */
  JsonNode get(String operation, String path, Map<String, String> query) {
    return retrier.repeatable(() -> getOnce(operation, path, query));
  }

  /** Sends, and sends again where that may help: for calls that may arrive twice. */
  JsonNode post(String operation, String path, ObjectNode body) {
    return retrier.repeatable(() -> postOnce(operation, path, body));
  }

  /** Sends with another method than GET and POST, and again where that may help. */
  JsonNode send(String operation, String method, String path, ObjectNode body) {
    BodyPublisher text = BodyPublishers.ofString(body.toString());
    return retrier.repeatable(
        () -> json(operation, method, endpoint.api(path), text, requestTimeout));
  }

  JsonNode getOnce(String operation, String path, Map<String, String> query) {
    String parameters =
        query.entrySet().stream()
            .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
            .collect(Collectors.joining("&"));
    URI uri = endpoint.api(parameters.isEmpty() ? path : path + "?" + parameters);
    return json(operation, "GET", uri, BodyPublishers.noBody(), requestTimeout);
  }

  JsonNode postOnce(String operation, String path, ObjectNode body) {
    return postOnce(operation, path, body, requestTimeout);
  }

  JsonNode postOnce(String operation, String path, ObjectNode body, Duration limit) {
    return json(
        operation, "POST", endpoint.api(path), BodyPublishers.ofString(body.toString()), limit);
  }

  /**
   * Stores one file at a URI, which may belong to another server: credentials go to this endpoint's
   * server only.
   */
  void put(String operation, URI uri, Path file, Duration limit) {
    retrier.repeatable(
        () -> {
          BodyPublisher body;
          try {
            body = BodyPublishers.ofFile(file);
          } catch (FileNotFoundException e) {
            throw MlflowException.refused(
                operation, "the local file " + file + " is not there or not readable.", e);
          }
          HttpRequest.Builder request =
              HttpRequest.newBuilder(uri)
                  .header("Content-Type", "application/octet-stream")
                  .PUT(body);
          return exchange(operation, "PUT", uri, request, TEXT, limit, "mlflow.upload-timeout");
        });
  }

  /**
   * Fetches one file from a URI, which may belong to another server: credentials go to this
   * endpoint's server only.
   *
   * @param target replaced if it is there; its folders are made
   */
  void fetch(String operation, URI uri, Path target, Duration limit) {
    try {
      Files.createDirectories(target.resolve("..").normalize());
    } catch (IOException e) {
      throw MlflowException.refused(
          operation, "the folder of " + target + " cannot be made: " + e, e);
    }
    BodyHandler<String> intoFile =
        head ->
            head.statusCode() / 100 == 2
                ? BodySubscribers.mapping(
                    BodySubscribers.ofFile(
                        target,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        // what a broken attempt left may be longer
                        StandardOpenOption.TRUNCATE_EXISTING),
                    file -> "")
                : TEXT.apply(head);
    retrier.repeatable(
        () ->
            exchange(
                operation,
                "GET",
                uri,
                HttpRequest.newBuilder(uri).GET(),
                intoFile,
                limit,
                "mlflow.upload-timeout"));
  }

  private JsonNode json(
      String operation, String method, URI uri, BodyPublisher body, Duration limit) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .method(method, body);
    HttpResponse<String> response =
        exchange(operation, method, uri, request, TEXT, limit, "mlflow.request-timeout");
    try {
      JsonNode answer = JSON.readTree(response.body());
      if (answer != null && answer.isObject()) {
        return answer;
      }
    } catch (JsonProcessingException e) {
      // reported below, without the parser's message, which quotes the body
    }
    throw failures.notJson(operation, named(method, uri), response.statusCode(), response.body());
  }

  private HttpResponse<String> exchange(
      String operation,
      String method,
      URI uri,
      HttpRequest.Builder request,
      BodyHandler<String> answer,
      Duration limit,
      String limitKey) {
    if (endpoint.owns(uri)) {
      secrets
          .remember(endpoint.credentials().current())
          .authorization()
          .ifPresent(value -> request.header("Authorization", value));
    }
    String named = named(method, uri);
    // HttpRequest.timeout() ends with the headers of the answer; this one with its last byte
    CompletableFuture<HttpResponse<String>> sent = http.sendAsync(request.build(), answer);
    try {
      HttpResponse<String> response = sent.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() / 100 == 2) {
        return response;
      }
      throw failures.answer(
          operation,
          named,
          response.statusCode(),
          response.headers().firstValue("Location").orElse(null),
          response.headers().firstValue("Retry-After").orElse(null),
          response.body(),
          null);
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw failures.timeout(operation, named, limit, limitKey);
    } catch (InterruptedException e) {
      sent.cancel(true);
      throw failures.interrupted(operation, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException broken) {
        throw failures.broken(operation, named, uri, broken);
      }
      throw failures.unexpected(operation, named, e.getCause() == null ? e : e.getCause());
    }
  }

  private static String named(String method, URI uri) {
    String text = uri.toString();
    int query = text.indexOf('?');
    return method + " " + (query < 0 ? text : text.substring(0, query));
  }

  /** A text as one segment of a path or one value of a query. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
