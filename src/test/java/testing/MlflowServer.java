package testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real {@code mlflow server} on 127.0.0.1 with a SQLite store below {@code target/}, one for all
 * tests of the JVM; it ends with the JVM.
 *
 * <p>Its Python environment is that of {@link PythonEnv}. One worker, no job runner and no
 * telemetry: that starts in seconds.
 */
public final class MlflowServer {

  private static final Duration START_BOUND = Duration.ofMinutes(3);
  private static final Duration STOP_BOUND = Duration.ofSeconds(10);

  private final URI uri;
  private final Path folder;

  private MlflowServer(URI uri, Path folder) {
    this.uri = uri;
    this.folder = folder;
  }

  /** The server that takes artifacts itself: {@code --serve-artifacts}. */
  public static MlflowServer serving() {
    return Serving.SERVER;
  }

  /**
   * The server whose clients write artifacts into a shared folder: {@code --no-serve-artifacts}.
   */
  public static MlflowServer sharingFolder() {
    return SharingFolder.SERVER;
  }

  /** Its address. */
  public URI uri() {
    return uri;
  }

  /** Where its artifacts lie. */
  public Path artifacts() {
    return folder.resolve("artifacts");
  }

  private static final class Serving {
    static final MlflowServer SERVER = start("serving");
  }

  private static final class SharingFolder {
    static final MlflowServer SERVER = start("sharing-folder");
  }

  private static MlflowServer start(String variant) {
    try {
      int port = freePort();
      Path folder =
          Files.createDirectories(
              Path.of("target", "mlflow-server", variant + "-" + port).toAbsolutePath());
      Path artifacts = Files.createDirectories(folder.resolve("artifacts"));
      Path bin = PythonEnv.venv().resolve("bin");
      List<String> command =
          new ArrayList<>(
              List.of(
                  bin.resolve("mlflow").toString(),
                  "server",
                  "--host",
                  "127.0.0.1",
                  "--port",
                  String.valueOf(port),
                  "--workers",
                  "1",
                  "--backend-store-uri",
                  "sqlite:///" + folder.resolve("mlflow.db")));
      command.addAll(
          variant.equals("serving")
              ? List.of("--serve-artifacts", "--artifacts-destination", artifacts.toString())
              : List.of("--no-serve-artifacts", "--default-artifact-root", artifacts.toString()));
      Path log = folder.resolve("server.log");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().keySet().removeIf(key -> key.startsWith("MLFLOW_"));
      builder.environment().merge("PATH", bin.toString(), (path, own) -> own + ":" + path);
      builder.environment().put("MLFLOW_DISABLE_TELEMETRY", "true");
      builder.environment().put("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
      Process process = builder.start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process), "stop-mlflow-server"));
      URI uri = URI.create("http://127.0.0.1:" + port);
      awaitHealth(uri, process, log);
      return new MlflowServer(uri, folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start mlflow server", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitHealth(URI uri, Process process, Path log) throws IOException {
    long end = System.nanoTime() + START_BOUND.toNanos();
    while (System.nanoTime() < end) {
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "mlflow server ended with " + process.exitValue() + ":\n" + tail(log));
      }
      if (isHealthy(uri)) {
        return;
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    stop(process);
    throw new IllegalStateException(
        "mlflow server was not ready within " + START_BOUND + ":\n" + tail(log));
  }

  private static boolean isHealthy(URI uri) {
    try {
      HttpURLConnection call = (HttpURLConnection) uri.resolve("/health").toURL().openConnection();
      call.setConnectTimeout(1000);
      call.setReadTimeout(5000);
      return call.getResponseCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.stream().skip(Math.max(0, lines.size() - 30)).collect(Collectors.joining("\n"));
  }

  private static void stop(Process process) {
    try (Stream<ProcessHandle> descendants = process.descendants()) {
      List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), descendants).toList();
      all.forEach(ProcessHandle::destroy);
      for (ProcessHandle handle : all) {
        try {
          handle.onExit().get(STOP_BOUND.toMillis(), TimeUnit.MILLISECONDS);
        } catch (Exception slow) {
          handle.destroyForcibly();
        }
      }
    }
  }
}
