package sparkmlflow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on 127.0.0.1 that sends scripted replies and records the requests.
 *
 * <p>It sends several replies to one call in turn and repeats the last one. A call without a reply
 * gets the HTML page that MLflow's server sends for an unknown address.
 */
public final class ScriptedServer implements AutoCloseable {

  /** A request; its path is encoded. */
  public record Request(
      String method,
      String path,
      String query,
      Map<String, List<String>> headers,
      String body,
      ByteBuffer content) {

    /** The first value of a header, or an empty text. */
    public String header(String name) {
      return headers.entrySet().stream()
          .filter(entry -> entry.getKey().equalsIgnoreCase(name))
          .map(entry -> entry.getValue().get(0))
          .findFirst()
          .orElse("");
    }
  }

  /** A reply to one call. */
  @FunctionalInterface
  public interface Reply {
    /** Answers, or closes the connection without an answer. */
    void to(HttpExchange exchange, Request request) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Deque<Reply>> script = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger mostActive = new AtomicInteger();

  /**
   * Marks this thread's call as ended. A client may continue before the thread that answered it.
   */
  private static final ThreadLocal<Runnable> ANSWERING = ThreadLocal.withInitial(() -> () -> {});

  private static final HttpClient FORWARDING =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Reply otherwise = html(404);

  private ScriptedServer(HttpServer server) {
    this.server = server;
  }

  public static ScriptedServer start() {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      ScriptedServer scripted = new ScriptedServer(http);
      http.setExecutor(scripted.threads);
      http.createContext("/", scripted::answer);
      http.start();
      return scripted;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /**
   * Scripts the replies to a method and a path, which is below /api/2.0/mlflow/ unless it starts
   * with a slash.
   */
  public ScriptedServer on(String method, String path, Reply... replies) {
    String full = path.startsWith("/") ? path : "/api/2.0/mlflow/" + path;
    script.put(method + " " + full, new ArrayDeque<>(List.of(replies)));
    return this;
  }

  public ScriptedServer otherwise(Reply reply) {
    otherwise = reply;
    return this;
  }

  /** Forgets the requests so far. */
  public void forget() {
    requests.clear();
  }

  public List<Request> requests() {
    return List.copyOf(requests);
  }

  public List<Request> requests(String path) {
    return requests.stream().filter(request -> request.path().endsWith(path)).toList();
  }

  /** The highest number of simultaneous calls. */
  public int mostActive() {
    return mostActive.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] content = exchange.getRequestBody().readAllBytes();
    URI uri = exchange.getRequestURI();
    Request request =
        new Request(
            exchange.getRequestMethod(),
            uri.getRawPath(),
            uri.getRawQuery() == null ? "" : uri.getRawQuery(),
            Map.copyOf(exchange.getRequestHeaders()),
            new String(content, StandardCharsets.UTF_8),
            ByteBuffer.wrap(content).asReadOnlyBuffer());
    requests.add(request);
    int now = active.incrementAndGet();
    mostActive.accumulateAndGet(now, Math::max);
    AtomicBoolean open = new AtomicBoolean(true);
    Runnable end =
        () -> {
          if (open.getAndSet(false)) {
            active.decrementAndGet();
          }
        };
    ANSWERING.set(end);
    try {
      next(request).to(exchange, request);
    } finally {
      ANSWERING.remove();
      end.run();
      exchange.close();
    }
  }

  private Reply next(Request request) {
    Deque<Reply> replies = script.get(request.method() + " " + request.path());
    if (replies == null) {
      return otherwise;
    }
    synchronized (replies) {
      return replies.size() > 1 ? replies.removeFirst() : replies.getFirst();
    }
  }

  public static Reply json(String body) {
    return json(200, body);
  }

  public static Reply json(int status, String body) {
    return text(status, "application/json", body, Map.of());
  }

  public static Reply error(int status, String code, String message) {
    return json(status, "{\"error_code\": \"%s\", \"message\": \"%s\"}".formatted(code, message));
  }

  public static Reply html(int status) {
    return text(
        status, "text/html", "<!doctype html>\n<html lang=en><title>page</title></html>", Map.of());
  }

  public static Reply text(int status, String type, String body, Map<String, String> headers) {
    return bytes(status, type, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  private static Reply bytes(int status, String type, byte[] bytes, Map<String, String> headers) {
    return (exchange, request) -> {
      exchange.getResponseHeaders().set("Content-Type", type);
      headers.forEach(exchange.getResponseHeaders()::set);
      ANSWERING.get().run();
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  /** The same after a delay, so that parallel calls overlap. */
  public static Reply slowly(Reply reply) {
    return (exchange, request) -> {
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      reply.to(exchange, request);
    };
  }

  /** Closes the connection without an answer. */
  public static Reply reset() {
    return (exchange, request) -> {};
  }

  /** Sends nothing until the server is closed. */
  public Reply silence() {
    return (exchange, request) -> untilClosing();
  }

  /** Sends the head of an answer and then nothing until the server is closed. */
  public Reply silenceAfterHeaders() {
    return (exchange, request) -> {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, 1000);
      exchange.getResponseBody().write('{');
      exchange.getResponseBody().flush();
      untilClosing();
    };
  }

  private void untilClosing() {
    try {
      closing.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Forwards the call to another server and returns its answer. */
  public static Reply forward(URI target) {
    return (exchange, request) -> {
      HttpResponse<byte[]> answer = ask(target, request);
      String type = answer.headers().firstValue("Content-Type").orElse("text/plain");
      bytes(answer.statusCode(), type, answer.body(), Map.of()).to(exchange, request);
    };
  }

  /** Forwards the call to another server, waits for the answer and drops it. */
  public static Reply forwardAndLoseAnswer(URI target) {
    return (exchange, request) -> ask(target, request);
  }

  private static HttpResponse<byte[]> ask(URI target, Request request) throws IOException {
    String query = request.query().isEmpty() ? "" : "?" + request.query();
    byte[] content = new byte[request.content().remaining()];
    request.content().duplicate().get(content);
    HttpRequest.Builder call =
        HttpRequest.newBuilder(URI.create(target + request.path() + query))
            .timeout(Duration.ofMinutes(1))
            .method(request.method(), HttpRequest.BodyPublishers.ofByteArray(content));
    for (String name : List.of("Content-Type", "Authorization", "X-MLFLOW-WORKSPACE")) {
      if (!request.header(name).isEmpty()) {
        call.header(name, request.header(name));
      }
    }
    try {
      return FORWARDING.send(call.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
