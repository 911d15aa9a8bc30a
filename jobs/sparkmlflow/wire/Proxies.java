package sparkmlflow.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sparkmlflow.NetworkSettings;

/** Chooses the proxy of each address: the JVM's if it has one, otherwise that of the settings. */
final class Proxies extends ProxySelector {

  private static final Pattern WITH_PORT = Pattern.compile("([^:\\[]+):(\\d+)");
  private static final String IPV4 = "\\d{1,3}(?:\\.\\d{1,3}){3}";
  private static final Pattern NETWORK = Pattern.compile("(" + IPV4 + ")/(\\d|[12]\\d|3[0-2])");
  private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

  private final NetworkSettings settings;

  Proxies(NetworkSettings settings) {
    this.settings = settings;
  }

  @Override
  public List<Proxy> select(URI uri) {
    return ofJvm(uri)
        .orElseGet(
            () ->
                ofSettings(uri)
                    .map(proxy -> new InetSocketAddress(proxy.getHost(), port(proxy)))
                    .map(address -> List.of(new Proxy(Proxy.Type.HTTP, address)))
                    .orElse(DIRECT));
  }

  /** What the JVM's proxies for this scheme say; empty if it has none. */
  private static Optional<List<Proxy>> ofJvm(URI uri) {
    ProxySelector selector = ProxySelector.getDefault();
    List<Proxy> found = selector == null ? DIRECT : selector.select(uri);
    if (found.get(0).type() == Proxy.Type.HTTP) {
      return Optional.of(found);
    }
    // -Dhttp.nonProxyHosts names the host
    return System.getProperty(uri.getScheme() + ".proxyHost", "").isBlank()
        ? Optional.empty()
        : Optional.of(DIRECT);
  }

  /** Host and port of the proxy on the way to an address, for messages. */
  Optional<String> named(URI uri) {
    return select(uri).get(0).address() instanceof InetSocketAddress proxy
        ? Optional.of(proxy.getHostString() + ":" + proxy.getPort())
        : Optional.empty();
  }

  /** The login of the proxy on the way to an address. */
  Optional<Credentials> login(URI uri) {
    return ofJvm(uri).isPresent() ? Optional.empty() : ofSettings(uri).flatMap(Proxies::loginIn);
  }

  static Optional<Credentials> loginIn(URI proxy) {
    String[] pair = String.valueOf(proxy.getUserInfo()).split(":", 2);
    return proxy.getUserInfo() == null
        ? Optional.empty()
        : Optional.of(new Credentials.Basic(pair[0], pair.length > 1 ? pair[1] : ""));
  }

  private Optional<URI> ofSettings(URI uri) {
    String proxy =
        "https".equalsIgnoreCase(uri.getScheme()) ? settings.httpsProxy() : settings.httpProxy();
    return proxy.isEmpty() || isDirect(uri)
        ? Optional.empty()
        : Optional.of(NetworkSettings.proxy(proxy));
  }

  private boolean isDirect(URI uri) {
    String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
    // by its text, because looking a name up may take long behind a proxy
    if (host.matches("localhost|127(\\.\\d+){3}|\\[::1]")) {
      return true;
    }
    return Arrays.stream(settings.noProxy().toLowerCase(Locale.ROOT).split("[,\\s]+"))
        .filter(entry -> !entry.isEmpty())
        .anyMatch(
            entry -> {
              Matcher withPort = WITH_PORT.matcher(entry);
              return withPort.matches()
                  ? withPort.group(2).equals(String.valueOf(Endpoint.port(uri)))
                      && covers(withPort.group(1), host)
                  : covers(entry, host);
            });
  }

  private static boolean covers(String entry, String host) {
    if (entry.equals("*")) {
      return true;
    }
    String name = entry.replaceFirst("^\\*?\\.", "");
    return host.equals(name) || host.endsWith("." + name) || inNetwork(entry, host);
  }

  /** Whether an IPv4 address lies in a network such as 10.0.0.0/8. */
  private static boolean inNetwork(String network, String host) {
    Matcher parts = NETWORK.matcher(network);
    if (!parts.matches() || !host.matches(IPV4)) {
      return false;
    }
    int free = 32 - Integer.parseInt(parts.group(2));
    return bits(parts.group(1)) >>> free == bits(host) >>> free;
  }

  private static long bits(String address) {
    return Arrays.stream(address.split("\\."))
        .mapToLong(Long::parseLong)
        .reduce(0, (a, b) -> a << 8 | b);
  }

  private static int port(URI proxy) {
    return proxy.getPort() < 0 ? 80 : proxy.getPort();
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // the failed call reports it
  }
}
