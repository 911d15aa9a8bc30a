package sparkmlflow;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import sparkmlflow.wire.Secrets;

/**
 * Proxies and certificates on the way to servers, with the meaning that curl, Python's requests and
 * MLflow's Python client give to the variables in brackets. A blank value is not set.
 *
 * <p>A proxy of the JVM ({@code -Dhttps.proxyHost}, {@code -Dhttp.proxyHost}) takes precedence over
 * these. No request to this machine's loopback addresses goes through a proxy. SOCKS is not
 * supported, because Java's HTTP client does not know it.
 *
 * @param httpProxy {@code http://[user:password@]host:port} for http addresses ({@code HTTP_PROXY})
 * @param httpsProxy the same for https addresses ({@code HTTPS_PROXY})
 * @param noProxy hosts, domains, IPv4 networks, each perhaps with a port, or {@code *}, separated
 *     by commas, that are reached without a proxy ({@code NO_PROXY})
 * @param caBundle PEM file of the authorities to trust instead of the JVM's, for every server
 *     ({@code REQUESTS_CA_BUNDLE}, {@code SSL_CERT_FILE})
 * @param serverCertificates the same for MLflow servers only ({@code
 *     MLFLOW_TRACKING_SERVER_CERT_PATH})
 * @param clientCertificate PEM file of the certificate and private key (PKCS#8) to show to MLflow
 *     servers ({@code MLFLOW_TRACKING_CLIENT_CERT_PATH})
 * @param insecureTls whether an MLflow server's certificate and host name go unchecked ({@code
 *     MLFLOW_TRACKING_INSECURE_TLS})
 */
public record NetworkSettings(
    String httpProxy,
    String httpsProxy,
    String noProxy,
    String caBundle,
    String serverCertificates,
    String clientCertificate,
    boolean insecureTls) {

  public static final NetworkSettings NONE = new NetworkSettings("", "", "", "", "", "", false);

  /** Throws {@link IllegalArgumentException} with one line per bad value, led by its name. */
  public NetworkSettings {
    httpProxy = httpProxy.strip();
    httpsProxy = httpsProxy.strip();
    noProxy = noProxy.strip();
    caBundle = caBundle.strip();
    serverCertificates = serverCertificates.strip();
    clientCertificate = clientCertificate.strip();
    List<String> problems = new ArrayList<>();
    requireProxy("httpProxy", httpProxy, problems);
    requireProxy("httpsProxy", httpsProxy, problems);
    if (insecureTls && !serverCertificates.isEmpty()) {
      problems.add(
          "insecureTls is true although serverCertificates is set; set only one, because certificates that are not checked need no authorities");
    }
    MlflowSettings.refuseAny(problems);
  }

  /** Reads the variables named above; for proxies also their lower-case forms, which come first. */
  public static NetworkSettings ofEnvironment(Map<String, String> environment) {
    Map<String, String> set = withOneNameEach(environment);
    Function<String, String> value = name -> set.getOrDefault(name, "");
    return new NetworkSettings(
        value.apply("HTTP_PROXY"),
        value.apply("HTTPS_PROXY"),
        value.apply("NO_PROXY"),
        value.apply("REQUESTS_CA_BUNDLE"),
        value.apply("MLFLOW_TRACKING_SERVER_CERT_PATH"),
        value.apply("MLFLOW_TRACKING_CLIENT_CERT_PATH"),
        value.apply("MLFLOW_TRACKING_INSECURE_TLS").matches("(?i)true|1"));
  }

  /**
   * The variables with a value; those that have several names, such as {@code https_proxy}, {@code
   * HTTPS_PROXY} and {@code ALL_PROXY}, also under the name in this record's description.
   */
  public static Map<String, String> withOneNameEach(Map<String, String> environment) {
    Map<String, String> set = new LinkedHashMap<>(environment);
    // an empty variable is how shells and job definitions say "not set"
    set.values().removeIf(String::isBlank);
    // many desktops set a SOCKS proxy for all programs
    set.entrySet()
        .removeIf(
            variable ->
                variable.getKey().equalsIgnoreCase("all_proxy")
                    && variable.getValue().startsWith("socks"));
    for (List<String> names :
        List.of(
            List.of("HTTP_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"),
            List.of("HTTPS_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
            List.of("NO_PROXY", "no_proxy", "NO_PROXY"),
            List.of(
                "REQUESTS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"))) {
      names.stream()
          .skip(1)
          .filter(set::containsKey)
          .findFirst()
          .ifPresent(name -> set.put(names.get(0), set.get(name)));
    }
    return set;
  }

  /** A proxy's address; as with curl, {@code http://} may be missing. */
  public static URI proxy(String text) {
    return URI.create(text.contains("://") ? text : "http://" + text);
  }

  private static void requireProxy(String name, String text, List<String> problems) {
    if (text.isEmpty()) {
      return;
    }
    String problem;
    try {
      URI proxy = proxy(text);
      if ("http".equalsIgnoreCase(proxy.getScheme())
          && proxy.getHost() != null
          && proxy.getRawPath().matches("/?")) {
        return;
      }
      problem = "is \"%s\"".formatted(withoutLogin(text));
    } catch (IllegalArgumentException e) {
      // its message may quote the password
      problem = "cannot be read as an address";
    }
    problems.add(
        "%s %s; it must be http://host:port or http://user:password@host:port, with special characters of the password as %%XX. SOCKS is not supported"
            .formatted(name, problem));
  }

  /** What also holds for a server other than the tracking server. */
  NetworkSettings forAnyServer() {
    return new NetworkSettings(httpProxy, httpsProxy, noProxy, caBundle, "", "", false);
  }

  private static String withoutLogin(String proxy) {
    return proxy.replaceAll("(?s)^([a-z0-9]*://)?.*@", "$1" + Secrets.MASK + "@");
  }

  @Override
  public String toString() {
    return "NetworkSettings[httpProxy=%s, httpsProxy=%s, noProxy=%s, caBundle=%s, serverCertificates=%s, clientCertificate=%s, insecureTls=%s]"
        .formatted(
            withoutLogin(httpProxy),
            withoutLogin(httpsProxy),
            noProxy,
            caBundle,
            serverCertificates,
            clientCertificate,
            insecureTls);
  }
}
