package winequality;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real open-source Unity Catalog server on 127.0.0.1, in memory, with its files below {@code
 * target/}. The program is {@code uc-server} on the path, or the one that the variable {@code
 * UC_SERVER} names; {@code cargo install olai-uc-server --version 0.0.11 --features bin} makes it.
 */
public final class UnityCatalogServer implements AutoCloseable {

  private static final Duration START_BOUND = Duration.ofSeconds(60);

  private final Process process;
  private final URI uri;

  private UnityCatalogServer(Process process, URI uri) {
    this.process = process;
    this.uri = uri;
  }

  /** A server with the catalog {@code main} and the schema {@code ml} in it. */
  public static UnityCatalogServer start() {
    try {
      Path folder = Files.createDirectories(Path.of("target", "unity-catalog").toAbsolutePath());
      Path store = Files.createTempDirectory(folder, "store-");
      Path settings = folder.resolve(store.getFileName() + ".yaml");
      // a key for a server that lives for one test
      String key = Base64.getEncoder().encodeToString(new byte[32]);
      Files.writeString(
          settings,
          """
          local_storage: {allowed-roots: ["%s"]}
          managed_storage_root: "file://%s"
          encryption: {active: {id: test, key: %s}}
          """
              .formatted(store, store, key));
      int port = freePort();
      String program = System.getenv().getOrDefault("UC_SERVER", "uc-server");
      Process process =
          new ProcessBuilder(
                  List.of(
                      program,
                      "serve",
                      "-c",
                      settings.toString(),
                      "--host",
                      "127.0.0.1",
                      "-p",
                      String.valueOf(port),
                      "--no-ui"))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve(store.getFileName() + ".log").toFile())
              .start();
      UnityCatalogServer server =
          new UnityCatalogServer(process, URI.create("http://127.0.0.1:" + port));
      server.awaitCatalog();
      server.post("schemas", "{\"name\": \"ml\", \"catalog_name\": \"main\"}");
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code mlflow.registry-uri} names it. */
  public String registryUri() {
    return "uc:" + uri;
  }

  private void awaitCatalog() {
    long end = System.nanoTime() + START_BOUND.toNanos();
    while (true) {
      try {
        post("catalogs", "{\"name\": \"main\"}");
        return;
      } catch (UncheckedIOException notYet) {
        if (!process.isAlive() || System.nanoTime() > end) {
          close();
          throw new IllegalStateException(
              "the catalog server did not start; see target/unity-catalog", notYet);
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void post(String path, String body) {
    try {
      int status =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(uri + "/api/2.1/unity-catalog/" + path))
                      .header("Content-Type", "application/json")
                      .POST(BodyPublishers.ofString(body))
                      .build(),
                  BodyHandlers.discarding())
              .statusCode();
      if (status != 200) {
        throw new IllegalStateException(path + " answered " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
