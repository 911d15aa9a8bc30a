package sparkmlflow.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLEncoder;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.mlflow_project.google.protobuf.InvalidProtocolBufferException;
import org.mlflow_project.google.protobuf.Message;
import org.mlflow_project.google.protobuf.MessageOrBuilder;
import org.mlflow_project.google.protobuf.util.JsonFormat;
import sparkmlflow.MlflowException;

/**
 * Calls of a server: JSON below its API's root, such as {@code /api/2.0/mlflow/}, and transfers of
 * files.
 *
 * <p>Only the messages of mlflow-client 2.17.2 are used here. Its own connections have no time
 * limit, know no certificates and no proxy of the environment, and repeat any request that the
 * server answered with an error, so that they can create twice; no other connections can be given
 * to it.
 */
public record RestCalls(
    Endpoint endpoint,
    Transport transport,
    Duration requestTimeout,
    Retrier retrier,
    Secrets secrets) {

  public static final ObjectMapper JSON = new ObjectMapper();
  public static final String MISSING = "RESOURCE_DOES_NOT_EXIST";

  private static final BodyHandler<String> TEXT = BodyHandlers.ofString(StandardCharsets.UTF_8);

  public RestCalls at(Endpoint other, Transport way) {
    // an outage of one server says nothing about another
    Retrier own = other.base().equals(endpoint.base()) ? retrier : retrier.fresh();
    return new RestCalls(other, way, requestTimeout, own, secrets);
  }

  private HttpExchange http() {
    return new HttpExchange(transport, new Failures(secrets, endpoint.advice()));
  }

  /** A GET with retries. */
  public JsonNode get(String operation, String path, Map<String, String> query) {
    BodyPublisher none = BodyPublishers.noBody();
    return retrier.repeatable(() -> json(operation, "GET", uri(path, query), none, requestTimeout));
  }

  /** A GET with retries whose answer is a message of mlflow-client; unknown fields are ignored. */
  public <B extends Message.Builder> B get(
      String operation, String path, Map<String, String> query, B message) {
    return message(operation, get(operation, path, query), message);
  }

  private <B extends Message.Builder> B message(String operation, JsonNode answer, B message) {
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(answer.toString(), message);
      return message;
    } catch (InvalidProtocolBufferException e) {
      String why = "the server's answer is not what its API describes: " + e.getMessage();
      throw MlflowException.refused(operation, secrets.masked(why), secrets.masked(e));
    }
  }

  /** A header of the answer to a GET, if it has that header. */
  public Optional<String> header(
      String operation, String path, Map<String, String> query, String name) {
    URI uri = uri(path, query);
    return text(operation, "GET", HttpRequest.newBuilder(uri).GET(), uri)
        .headers()
        .firstValue(name);
  }

  /** Passes the entries of all pages of a listing, in the field {@code list}, to {@code use}. */
  public void pages(
      String operation,
      String path,
      Map<String, String> query,
      String list,
      Consumer<JsonNode> use) {
    Map<String, String> paged = new LinkedHashMap<>(query);
    Set<String> seen = new HashSet<>();
    String token;
    do {
      JsonNode answer = get(operation, path, paged);
      answer.path(list).forEach(use);
      token = answer.path("next_page_token").asText("");
      paged.put("page_token", token);
      if (!seen.add(token)) {
        throw MlflowException.refused(
            operation,
            "the server names the same next page twice (\"%s\"), so its list would never end."
                .formatted(token));
      }
    } while (!token.isEmpty());
  }

  private URI uri(String path, Map<String, String> query) {
    String parameters =
        query.entrySet().stream()
            .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
            .collect(Collectors.joining("&"));
    return endpoint.api(parameters.isEmpty() ? path : path + "?" + parameters);
  }

  /** An idempotent POST with retries. */
  public JsonNode post(String operation, String path, ObjectNode body) {
    return retrier.repeatable(() -> postOnce(operation, path, body));
  }

  /** The same with a message of mlflow-client. */
  public JsonNode post(String operation, String path, MessageOrBuilder body) {
    return post(operation, path, json(body));
  }

  /** The same with an answer that is a message, too. */
  public <B extends Message.Builder> B post(
      String operation, String path, MessageOrBuilder body, B answer) {
    return message(operation, post(operation, path, body), answer);
  }

  private static ObjectNode json(MessageOrBuilder body) {
    try {
      return (ObjectNode)
          JSON.readTree(JsonFormat.printer().preservingProtoFieldNames().print(body));
    } catch (InvalidProtocolBufferException | JsonProcessingException e) {
      throw new IllegalStateException("A message of mlflow-client cannot be written as JSON.", e);
    }
  }

  /** An idempotent call by another method, with retries. */
  public JsonNode send(String operation, String method, String path, ObjectNode body) {
    BodyPublisher text = BodyPublishers.ofString(body.toString());
    return retrier.repeatable(
        () -> json(operation, method, endpoint.api(path), text, requestTimeout));
  }

  /** The same as {@link #post}, for calls whose answers are empty. */
  public void tell(String operation, String path, ObjectNode body) {
    URI uri = endpoint.api(path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()));
    text(operation, "POST", request, uri);
  }

  private HttpResponse<String> text(
      String operation, String method, HttpRequest.Builder request, URI uri) {
    HttpExchange.Call call =
        new HttpExchange.Call(operation, method, uri, requestTimeout, "request timeout");
    return retrier.repeatable(() -> exchange(call, request, TEXT));
  }

  /** A POST without retries. */
  public JsonNode postOnce(String operation, String path, ObjectNode body) {
    return postOnce(operation, path, body, requestTimeout);
  }

  /** A POST without retries and with its own time limit. */
  public JsonNode postOnce(String operation, String path, ObjectNode body, Duration limit) {
    return json(
        operation, "POST", endpoint.api(path), BodyPublishers.ofString(body.toString()), limit);
  }

  /**
   * Stores a file at a URI within a time limit for 256 MiB, which grows with the file. Only this
   * endpoint's server gets the credentials.
   */
  public void put(String operation, URI uri, Path file, Duration limit) {
    BodyPublisher body = FileBodies.of(operation, file);
    HttpExchange.Call call =
        HttpExchange.Call.transfer(operation, "PUT", uri, limit, body.contentLength());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).header("Content-Type", "application/octet-stream").PUT(body);
    retrier.repeatable(() -> exchange(call, request, TEXT));
  }

  /**
   * The reverse of {@link #put} for a file of the listed size; a file at the target is replaced,
   * its folders are created.
   */
  public void fetch(String operation, URI uri, long bytes, Path target, Duration limit) {
    HttpExchange.Call call = HttpExchange.Call.transfer(operation, "GET", uri, limit, bytes);
    BodyHandler<String> intoFile = FileBodies.into(operation, target);
    retrier.repeatable(() -> exchange(call, HttpRequest.newBuilder(uri).GET(), intoFile));
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
    return http().json(call, exchange(call, request, TEXT));
  }

  private HttpResponse<String> exchange(
      HttpExchange.Call call, HttpRequest.Builder request, BodyHandler<String> answer) {
    HttpExchange http = http();
    if (!endpoint.owns(call.uri())) {
      return http.requireSuccess(call, http.answer(call, request.build(), answer));
    }
    endpoint.headers().forEach(request::setHeader);
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

  /** The result, or empty if the server says that what was asked for does not exist. */
  public static <T> Optional<T> unlessMissing(Supplier<T> call) {
    try {
      return Optional.of(call.get());
    } catch (MlflowException e) {
      if (e.has(MISSING)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  public static String encodedPath(String path) {
    return Arrays.stream(path.split("/")).map(RestCalls::encoded).collect(Collectors.joining("/"));
  }

  public static String encoded(String text) {
    // the differences to RFC 3986, which signatures use
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }
}
