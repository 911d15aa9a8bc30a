package sparkmlflow.wire;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Requests to cloud storage at signed addresses, with a limit for 256 MiB of a file or part. It has
 * no credentials, so it cannot send a login of MLflow or of a workspace to a storage server.
 */
public record StorageCalls(Transport transport, Retrier retrier, Secrets secrets, Duration limit) {

  // java.net.http sets these headers itself and rejects them from callers
  private static final Set<String> SET_BY_CLIENT = Set.of("host", "content-length", "connection");

  private HttpExchange http() {
    return new HttpExchange(transport, new Failures(secrets, Advice.SIGNED_URL));
  }

  public HttpResponse<String> send(
      String operation, String method, SignedUrl url, Supplier<BodyPublisher> body) {
    BodyHandler<String> text = BodyHandlers.ofString(StandardCharsets.UTF_8);
    return request(operation, method, url, body, 0, text);
  }

  public HttpResponse<String> send(String operation, String method, SignedUrl url) {
    return send(operation, method, url, BodyPublishers::noBody);
  }

  /** A header of the answer, whatever its status. */
  public Optional<String> header(String operation, SignedUrl url, String name) {
    HttpExchange.Call call = call(operation, "HEAD", url, 0);
    HttpRequest request =
        HttpRequest.newBuilder(url.uri()).method("HEAD", BodyPublishers.noBody()).build();
    return retrier
        .repeatable(() -> http().answer(call, request, BodyHandlers.replacing("")))
        .headers()
        .firstValue(name);
  }

  private HttpExchange.Call call(String operation, String method, SignedUrl url, long bytes) {
    return HttpExchange.Call.transfer(operation, method, url.uri(), limit, bytes);
  }

  /** Fetches a file of the listed size. */
  public void fetch(String operation, Renewable address, long bytes, Path target) {
    BodyHandler<String> file = FileBodies.into(operation, target);
    address.use(url -> request(operation, "GET", url, BodyPublishers::noBody, bytes, file));
  }

  public void put(String operation, Path file, Renewable address) {
    address.use(url -> send(operation, "PUT", url, () -> FileBodies.of(operation, file)));
  }

  /** Stores a part of a file and returns its ETag, which not every storage sends. */
  public Optional<String> putPart(
      String operation, Supplier<BodyPublisher> part, Renewable address) {
    return address.use(url -> send(operation, "PUT", url, part)).headers().firstValue("ETag");
  }

  private HttpResponse<String> request(
      String operation,
      String method,
      SignedUrl url,
      Supplier<BodyPublisher> body,
      long answered,
      BodyHandler<String> answer) {
    secrets.remember(url);
    return retrier.repeatable(
        () -> {
          BodyPublisher sent = body.get();
          HttpExchange.Call call =
              call(operation, method, url, Math.max(sent.contentLength(), answered));
          HttpRequest.Builder request = HttpRequest.newBuilder(url.uri()).method(method, sent);
          url.headers()
              .forEach(
                  (name, value) -> {
                    if (!SET_BY_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
                      request.setHeader(name, value);
                    }
                  });
          return http().requireSuccess(call, http().answer(call, request.build(), answer));
        });
  }
}
