package sparkmlflow.wire;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the address of a workspace as people copy it: without {@code https://}, or with the path
 * and the {@code ?o=...} of a browser's address line, as Databricks' own tools allow.
 */
public final class WorkspaceHost {

  private WorkspaceHost() {}

  /** What is wrong with the text, as a sentence that starts with its key. */
  public static Optional<String> problem(String key, String text) {
    String hint = "; it must be the address of a workspace such as https://my.cloud.databricks.com";
    if (text.contains("@")) {
      return Optional.of(
          key + " is " + Secrets.MASK + hint + ", without a user, password or token inside");
    }
    URI uri;
    try {
      uri = new URI(withScheme(text));
    } catch (URISyntaxException e) {
      return Optional.of(key + " is " + text + hint + ", but " + e.getReason());
    }
    if (uri.getHost() == null) {
      return Optional.of(key + " is " + text + hint);
    }
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    if (!secure && !("http".equalsIgnoreCase(uri.getScheme()) && isThisMachine(uri.getHost()))) {
      return Optional.of(
          key
              + " is "
              + text
              + hint
              + ", with https, since the login would be readable on the way");
    }
    return Optional.empty();
  }

  /** Scheme, host and port. */
  public static URI parse(String checked) {
    URI uri = URI.create(withScheme(checked));
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return URI.create(uri.getScheme().toLowerCase(Locale.ROOT) + "://" + uri.getHost() + port);
  }

  private static String withScheme(String text) {
    return text.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*://.*") ? text : "https://" + text;
  }

  /**
   * The server of a storage's location. Only one on this very machine, as tests have, is called
   * without TLS.
   */
  public static String secured(URI location) {
    String port = location.getPort() < 0 ? "" : ":" + location.getPort();
    return (isThisMachine(location.getHost()) ? "http" : "https")
        + "://"
        + location.getHost()
        + port;
  }

  /** Whether a host is no other machine. */
  static boolean isThisMachine(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
