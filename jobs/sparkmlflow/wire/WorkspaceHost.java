package sparkmlflow.wire;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the address of a workspace as Databricks' own tools do: {@code https://} may be missing,
 * and the path and {@code ?o=...} of a browser's address line are ignored.
 */
public final class WorkspaceHost {

  private WorkspaceHost() {}

  /** What is wrong with the text, starting with its key. */
  public static Optional<String> problem(String key, String text) {
    String shown = text.contains("@") ? Secrets.MASK : text;
    return flaw(text)
        .map(
            flaw ->
                "%s is %s; it must be the address of a workspace such as https://my.cloud.databricks.com%s"
                    .formatted(key, shown, flaw));
  }

  private static Optional<String> flaw(String text) {
    if (text.contains("@")) {
      return Optional.of(", without a user, password or token");
    }
    URI uri;
    try {
      uri = new URI(withScheme(text));
    } catch (URISyntaxException e) {
      return Optional.of(": " + e.getReason());
    }
    if (uri.getHost() == null) {
      return Optional.of("");
    }
    return "https".equalsIgnoreCase(uri.getScheme())
            || ("http".equalsIgnoreCase(uri.getScheme()) && isThisMachine(uri.getHost()))
        ? Optional.empty()
        : Optional.of(", with https, because http sends the login unencrypted");
  }

  /** Scheme, host and port of a text that was checked. */
  public static URI parse(String checked) {
    URI uri = URI.create(withScheme(checked));
    return URI.create(address(uri.getScheme().toLowerCase(Locale.ROOT), uri));
  }

  private static String withScheme(String text) {
    return text.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*://.*") ? text : "https://" + text;
  }

  /** The address of a storage's server: https, or http for one on this machine, as in tests. */
  public static String secured(URI location) {
    return address(isThisMachine(location.getHost()) ? "http" : "https", location);
  }

  private static String address(String scheme, URI uri) {
    return scheme + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
  }

  /** Whether the host is this machine; false if its name is unknown. */
  public static boolean isThisMachine(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
