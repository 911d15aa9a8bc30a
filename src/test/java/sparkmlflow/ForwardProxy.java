package sparkmlflow;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy on 127.0.0.1 that sends everything to one server, whatever its name is, as a proxy does
 * that alone knows the names of a network. It may demand a login, and records the first lines of
 * what it let through and of what it refused.
 */
final class ForwardProxy implements AutoCloseable {

  private final ServerSocket listening;
  private final int target;
  private final String login;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  final List<String> passed = new CopyOnWriteArrayList<>();

  /** How many requests are answered with 503 before any is let through. */
  final AtomicInteger busy = new AtomicInteger();

  final List<String> refused = new CopyOnWriteArrayList<>();

  /**
   * @param target port of the server on 127.0.0.1
   * @param login {@code user:password}, or empty
   */
  ForwardProxy(int target, String login) {
    this.target = target;
    this.login = login;
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::listen);
  }

  String address() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  private void listen() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      String head = head(client.getInputStream());
      String line = head.lines().findFirst().orElse("");
      String expected =
          "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
      if (!login.isEmpty() && !head.contains("Proxy-Authorization: " + expected)) {
        refused.add(line);
        send(
            client,
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      if (busy.getAndDecrement() > 0) {
        refused.add(line);
        send(client, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      passed.add(line);
      if (line.startsWith("CONNECT ")) {
        send(client, "HTTP/1.1 200 Connection Established\r\n\r\n");
      } else {
        // one request on a connection: the next one has to come through here again
        send(
            server,
            head.replaceFirst("(?i)\r\n(Proxy-)?Connection:[^\r]*", "")
                .replaceFirst("\r\n", "\r\nConnection: close\r\n"));
      }
      threads.execute(() -> copy(client, server));
      server.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      // one of both ended
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one of both ended
    }
  }

  private static void send(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    to.getOutputStream().flush();
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    listening.close();
    threads.shutdownNow();
  }
}
