package sparkmlflow.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The calls that mlflow-client has not, over {@code java.net.http}: JSON under {@code
 * /api/2.0/mlflow/} and the transfer of a file.
 *
 * <p>Also every call that creates something. mlflow-client 2.17.2 sends any request which the
 * server answered with an error up to three times at once, without a look at what the first one
 * did, and so can create twice.
 */
public final class RestCalls {

  public static final ObjectMapper JSON = new ObjectMapper();

  private static final BodyHandler<String> TEXT = BodyHandlers.ofString(StandardCharsets.UTF_8);

  private final Endpoint endpoint;
  private final HttpClient client;
  private final HttpExchange http;
  private final Duration requestTimeout;
  private final Retrier retrier;
  private final Secrets secrets;

  public RestCalls(
      Endpoint endpoint,
      HttpClient http,
      Duration requestTimeout,
      Retrier retrier,
      Secrets secrets) {
    this.endpoint = endpoint;
    this.client = http;
    this.http = new HttpExchange(http, new Failures(secrets, endpoint.advice()));
    this.requestTimeout = requestTimeout;
    this.retrier = retrier;
    this.secrets = secrets;
  }

  /** Calls of another endpoint, as patient as these. */
  public RestCalls at(Endpoint other) {
    return new RestCalls(other, client, requestTimeout, retrier, secrets);
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  public Retrier retrier() {
    return retrier;
  }

  /** Asks, and asks again where that may help. */
  public JsonNode get(String operation, String path, Map<String, String> query) {
    return retrier.repeatable(() -> getOnce(operation, path, query));
  }

  /** A header of the answer, if it has that one. */
  public Optional<String> header(
      String operation, String path, Map<String, String> query, String name) {
    URI uri = endpoint.api(path + "?" + parameters(query));
    return retrier
        .repeatable(
            () -> exchange(asked(operation, "GET", uri), HttpRequest.newBuilder(uri).GET(), TEXT))
        .headers()
        .firstValue(name);
  }

  /**
   * Goes through all pages of a listing.
   *
   * @param list the answer's field with the entries
   */
  public void pages(
      String operation,
      String path,
      Map<String, String> query,
      String list,
      Consumer<JsonNode> use) {
    Map<String, String> paged = new LinkedHashMap<>(query);
    String token;
    do {
      JsonNode answer = get(operation, path, paged);
      answer.path(list).forEach(use);
      token = answer.path("next_page_token").asText("");
      paged.put("page_token", token);
    } while (!token.isEmpty());
  }

  private static String parameters(Map<String, String> query) {
    return query.entrySet().stream()
        .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
        .collect(Collectors.joining("&"));
  }

  /** Sends, and sends again where that may help: for calls that may arrive twice. */
  public JsonNode post(String operation, String path, ObjectNode body) {
    return retrier.repeatable(() -> postOnce(operation, path, body));
  }

  /** Sends with another method than GET and POST, and again where that may help. */
  public JsonNode send(String operation, String method, String path, ObjectNode body) {
    BodyPublisher text = BodyPublishers.ofString(body.toString());
    return retrier.repeatable(
        () -> json(operation, method, endpoint.api(path), text, requestTimeout));
  }

  /** Sends like {@link #send} where the answer says nothing. */
  public void tell(String operation, String method, String path, ObjectNode body) {
    URI uri = endpoint.api(path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body.toString()));
    retrier.repeatable(() -> exchange(asked(operation, method, uri), request, TEXT));
  }

  private HttpExchange.Call asked(String operation, String method, URI uri) {
    return new HttpExchange.Call(operation, method, uri, requestTimeout, "request timeout");
  }

  private static HttpExchange.Call moved(String operation, String method, URI uri, Duration limit) {
    return new HttpExchange.Call(operation, method, uri, limit, "upload timeout");
  }

  JsonNode getOnce(String operation, String path, Map<String, String> query) {
    URI uri = endpoint.api(query.isEmpty() ? path : path + "?" + parameters(query));
    return json(operation, "GET", uri, BodyPublishers.noBody(), requestTimeout);
  }

  public JsonNode postOnce(String operation, String path, ObjectNode body) {
    return postOnce(operation, path, body, requestTimeout);
  }

  public JsonNode postOnce(String operation, String path, ObjectNode body, Duration limit) {
    return json(
        operation, "POST", endpoint.api(path), BodyPublishers.ofString(body.toString()), limit);
  }

  /**
   * Stores one file at a URI, which may belong to another server: credentials go to this endpoint's
   * server only.
   */
  public void put(String operation, URI uri, Path file, Duration limit) {
    retrier.repeatable(
        () -> {
          HttpRequest.Builder request =
              HttpRequest.newBuilder(uri)
                  .header("Content-Type", "application/octet-stream")
                  .PUT(FileBodies.of(operation, file));
          return exchange(moved(operation, "PUT", uri, limit), request, TEXT);
        });
  }

  /**
   * Fetches one file from a URI, which may belong to another server: credentials go to this
   * endpoint's server only.
   *
   * @param target replaced if it is there; its folders are made
   */
  public void fetch(String operation, URI uri, Path target, Duration limit) {
    BodyHandler<String> intoFile = FileBodies.into(operation, target);
    retrier.repeatable(
        () ->
            exchange(
                moved(operation, "GET", uri, limit), HttpRequest.newBuilder(uri).GET(), intoFile));
  }

  private JsonNode json(
      String operation, String method, URI uri, BodyPublisher body, Duration limit) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .method(method, body);
    HttpExchange.Call call =
        new HttpExchange.Call(operation, method, uri, limit, "request timeout");
    return http.json(call, exchange(call, request, TEXT));
  }

  private HttpResponse<String> exchange(
      HttpExchange.Call call, HttpRequest.Builder request, BodyHandler<String> answer) {
    if (!endpoint.owns(call.uri())) {
      return http.requireSuccess(call, http.answer(call, request.build(), answer));
    }
    Credentials sent = login(request);
    HttpResponse<String> response = http.answer(call, request.build(), answer);
    if (Failures.refusedLogin(response.statusCode(), response.body())
        && endpoint.credentials().renewed(sent)) {
      login(request);
      response = http.answer(call, request.build(), answer);
    }
    return http.requireSuccess(call, response);
  }

  private Credentials login(HttpRequest.Builder request) {
    Credentials credentials = secrets.remember(endpoint.credentials().current());
    credentials.authorization().ifPresent(value -> request.setHeader("Authorization", value));
    return credentials;
  }

  /** A path with each of its names encoded. */
  public static String encodedPath(String path) {
    return Arrays.stream(path.split("/")).map(RestCalls::encoded).collect(Collectors.joining("/"));
  }

  /** A text as one segment of a path or one value of a query. */
  public static String encoded(String text) {
    // what is left are the differences to RFC 3986, which signatures are made by
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }
}
