package sparkmlflow.wire;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sparkmlflow.HttpSettings;
import sparkmlflow.NetworkSettings;

/**
 * Sends every request of a connection, with its proxies and certificates. Redirects are answers,
 * never followed.
 */
public final class Transport {

  private final HttpClient plain;
  private final Proxies proxies;
  private final Supplier<HttpClient> opening;
  private @Nullable HttpClient secure;
  private volatile boolean closed;

  private Transport(HttpClient plain, Proxies proxies, Supplier<HttpClient> opening) {
    this.plain = plain;
    this.proxies = proxies;
    this.opening = opening;
  }

  /** To MLflow servers. */
  public static Transport toMlflow(HttpSettings settings, Secrets secrets) {
    NetworkSettings network = settings.network();
    String trusted = network.serverCertificates();
    return of(
        settings,
        secrets,
        trusted.isEmpty() ? network.caBundle() : trusted,
        network.clientCertificate(),
        network.insecureTls());
  }

  /** To workspaces and storage: no certificate that is meant for an MLflow server goes there. */
  public static Transport toOthers(HttpSettings settings, Secrets secrets) {
    return of(settings, secrets, settings.network().caBundle(), "", false);
  }

  private static Transport of(
      HttpSettings settings, Secrets secrets, String trusted, String client, boolean insecure) {
    Stream.of(settings.network().httpProxy(), settings.network().httpsProxy())
        .filter(proxy -> !proxy.isEmpty())
        .flatMap(proxy -> Proxies.loginIn(NetworkSettings.proxy(proxy)).stream())
        .forEach(secrets::remember);
    Proxies proxies = new Proxies(settings.network());
    Supplier<HttpClient.Builder> builder =
        () ->
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectTimeout())
                .proxy(proxies);
    return new Transport(
        builder.get().build(),
        proxies,
        () -> {
          HttpClient.Builder secure = builder.get();
          Certificates.context(trusted, client, insecure).ifPresent(secure::sslContext);
          return secure.build();
        });
  }

  /** Nothing is sent any more. */
  public void close() {
    closed = true;
  }

  CompletableFuture<HttpResponse<String>> send(HttpRequest request, BodyHandler<String> body) {
    if (closed) {
      throw new IllegalStateException("The connection to MLflow is closed.");
    }
    HttpRequest.Builder sent =
        HttpRequest.newBuilder(request, (name, value) -> true)
            .setHeader("User-Agent", "sparkmlflow");
    proxies
        .login(request.uri())
        .flatMap(Credentials::authorization)
        .ifPresent(login -> sent.setHeader("Proxy-Authorization", login));
    boolean tls = "https".equalsIgnoreCase(request.uri().getScheme());
    return (tls ? secure() : plain).sendAsync(sent.build(), body);
  }

  /** Reads files of certificates only when an https address is called. */
  private synchronized HttpClient secure() {
    if (secure == null) {
      secure = opening.get();
    }
    return secure;
  }

  /** Host and port of the proxy on the way to an address, if there is one. */
  Optional<String> proxy(URI uri) {
    return proxies.named(uri);
  }
}
