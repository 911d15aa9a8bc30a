package sparkmlflow;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * A server on 127.0.0.1 that answers {@code {}} over TLS, with a certificate for mlflow.private
 * that no authority signed. It may demand a certificate of its own making from its clients.
 */
final class TlsServer implements AutoCloseable {

  static final String NAME = "mlflow.private";
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** PEM files: the server's certificate; a client's certificate and key. */
  final Path certificate;

  final Path client;
  final List<String> requests = new CopyOnWriteArrayList<>();
  private final HttpsServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  TlsServer(Path folder, boolean demandsCertificate) throws Exception {
    Path ofServer = generate(folder, "server");
    Path ofClient = generate(folder, "client");
    certificate = folder.resolve("server.pem");
    client = folder.resolve("client.pem");
    Files.writeString(certificate, "A text before it, as bundles have.\n" + pem(ofServer, false));
    Files.writeString(client, pem(ofClient, true) + pem(ofClient, false));

    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(load(ofServer), PASSWORD);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("client", load(ofClient).getCertificate("client"));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);

    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = context.getDefaultSSLParameters();
            wanted.setNeedClientAuth(demandsCertificate);
            parameters.setSSLParameters(wanted);
          }
        });
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          requests.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    // the thread of the server itself would wait for each handshake
    server.setExecutor(threads);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private static Path generate(Path folder, String alias) throws Exception {
    Path store = folder.resolve(alias + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-ext",
                "san=dns:" + NAME,
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IllegalStateException(said);
    }
    return store;
  }

  private static KeyStore load(Path file) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private static String pem(Path file, boolean ofKey) throws Exception {
    KeyStore store = load(file);
    String alias = store.aliases().nextElement();
    Key key = store.getKey(alias, PASSWORD);
    byte[] encoded = ofKey ? key.getEncoded() : store.getCertificate(alias).getEncoded();
    String kind = ofKey ? "PRIVATE KEY" : "CERTIFICATE";
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, text, kind);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
