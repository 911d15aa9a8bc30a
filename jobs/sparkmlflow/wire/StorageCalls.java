package sparkmlflow.wire;

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
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import sparkmlflow.MlflowException;

/**
 * Requests to cloud storage under signed addresses. It knows no credentials, so that no login of
 * MLflow or of a workspace can travel to a storage server.
 */
public final class StorageCalls {

  // java.net.http sets them itself and refuses them from others
  private static final Set<String> SET_BY_CLIENT = Set.of("host", "content-length", "connection");

  private final HttpExchange http;
  private final Retrier retrier;
  private final Secrets secrets;
  private final Duration limit;

  /**
   * Requests with one limit of time.
   *
   * @param limit for one file or part
   */
  public StorageCalls(HttpClient http, Retrier retrier, Secrets secrets, Duration limit) {
    this.http = new HttpExchange(http, new Failures(secrets, Advice.SIGNED_URL));
    this.retrier = retrier;
    this.secrets = secrets;
    this.limit = limit;
  }

  /** Sends a body, and sends it again where that may help. */
  public HttpResponse<String> send(
      String operation, String method, SignedUrl url, Supplier<BodyPublisher> body) {
    return request(operation, method, url, body, BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  /** Sends without a body. */
  public HttpResponse<String> send(String operation, String method, SignedUrl url) {
    return send(operation, method, url, BodyPublishers::noBody);
  }

  /** A header of the answer, whether that is one of success or a refusal. */
  public Optional<String> header(String operation, SignedUrl url, String name) {
    HttpExchange.Call call = call(operation, "HEAD", url);
    return retrier.repeatable(
        () ->
            http.answer(
                    call,
                    HttpRequest.newBuilder(url.uri())
                        .method("HEAD", BodyPublishers.noBody())
                        .build(),
                    BodyHandlers.ofString(StandardCharsets.UTF_8))
                .headers()
                .firstValue(name));
  }

  private HttpExchange.Call call(String operation, String method, SignedUrl url) {
    return new HttpExchange.Call(operation, method, url.uri(), limit, "upload timeout");
  }

  /** Fetches a file. */
  public void fetch(String operation, Renewable address, Path target) {
    BodyHandler<String> file = FileBodies.into(operation, target);
    address.use(url -> request(operation, "GET", url, BodyPublishers::noBody, file));
  }

  /** Stores a whole file. */
  public void put(String operation, LocalFiles.LocalFile file, Renewable address) {
    Supplier<BodyPublisher> body = () -> FileBodies.of(operation, file.file());
    address.use(url -> send(operation, "PUT", url, body));
  }

  /**
   * Stores a part of a file, and returns the storage's name for it.
   *
   * @throws MlflowException if the storage names none
   */
  public String putPart(String operation, LocalFiles.LocalFile file, Part part, Renewable address) {
    return address
        .use(
            url ->
                send(
                    operation,
                    "PUT",
                    url,
                    () -> FileBodies.part(file.file(), part.from(), part.length())))
        .headers()
        .firstValue("ETag")
        .orElseThrow(
            () ->
                MlflowException.refused(
                    operation, "the storage answered without the header ETag of the part."));
  }

  private HttpResponse<String> request(
      String operation,
      String method,
      SignedUrl url,
      Supplier<BodyPublisher> body,
      BodyHandler<String> answer) {
    secrets.remember(url);
    HttpExchange.Call call = call(operation, method, url);
    return retrier.repeatable(
        () -> {
          HttpRequest.Builder request =
              HttpRequest.newBuilder(url.uri()).method(method, body.get());
          url.headers()
              .forEach(
                  (name, value) -> {
                    if (!SET_BY_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
                      request.setHeader(name, value);
                    }
                  });
          return http.requireSuccess(call, http.answer(call, request.build(), answer));
        });
  }
}
