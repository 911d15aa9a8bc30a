package testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** {@code deploy/local/wine serve} on a free port, until it is closed. */
public final class ScoringServer implements AutoCloseable {

  private static final Duration START_BOUND = Duration.ofMinutes(3);
  private static final Duration STOP_BOUND = Duration.ofSeconds(20);
  private static final Path LAUNCHER = Path.of("deploy/local/wine").toAbsolutePath();

  private final URI uri;
  private final Process process;
  private final Path log;

  /** What it answered. */
  public record Answer(int status, String body) {}

  private ScoringServer(URI uri, Process process, Path log) {
    this.uri = uri;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param tracking where the registry is
   * @param folder takes its log
   * @param arguments those of {@code serve}, without the port
   */
  public static ScoringServer of(URI tracking, Path folder, String... arguments)
      throws IOException, InterruptedException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString(), "serve"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--port", String.valueOf(port)));
    Path log = folder.resolve("serve-" + port + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("MLFLOW_"));
    builder.environment().put("MLFLOW_TRACKING_URI", tracking.toString());
    builder.environment().put("WINE_VENV", PythonEnv.venv().toString());
    builder.environment().put("WINE_STATE", folder.resolve("serve-state").toString());
    ScoringServer server =
        new ScoringServer(URI.create("http://127.0.0.1:" + port), builder.start(), log);
    try {
      server.awaitPing();
      return server;
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** What it has printed so far. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  /** Sends rows to be predicted. */
  public Answer post(String contentType, String body) throws IOException {
    HttpURLConnection call = open("/invocations");
    call.setRequestMethod("POST");
    call.setRequestProperty("Content-Type", contentType);
    call.setDoOutput(true);
    call.getOutputStream().write(body.getBytes(UTF_8));
    int status = call.getResponseCode();
    try (InputStream answer = status < 400 ? call.getInputStream() : call.getErrorStream()) {
      return new Answer(status, new String(answer.readAllBytes(), UTF_8));
    }
  }

  /** Ends it as an operator does, with SIGTERM, and whatever does not end by that. */
  @Override
  public void close() {
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    process.destroy();
    try {
      for (ProcessHandle one : all) {
        one.onExit().get(STOP_BOUND.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // said by the log, where the server's last words are missing then
    } finally {
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private void awaitPing() throws IOException, InterruptedException {
    long end = System.nanoTime() + START_BOUND.toNanos();
    while (System.nanoTime() < end) {
      if (!process.isAlive()) {
        throw new IllegalStateException("serve ended with " + process.exitValue() + ":\n" + log());
      }
      try {
        if (open("/ping").getResponseCode() == 200) {
          return;
        }
      } catch (IOException notYet) {
        // it is still loading
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("serve did not answer within " + START_BOUND + ":\n" + log());
  }

  private HttpURLConnection open(String path) throws IOException {
    HttpURLConnection call = (HttpURLConnection) uri.resolve(path).toURL().openConnection();
    call.setConnectTimeout(1000);
    call.setReadTimeout(60_000);
    return call;
  }
}
