package sparkmlflow.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.NetworkSettings;

/**
 * Names, networks and ports as Python's requests 2.34 reads them, blanks and {@code HTTP_PROXY}
 * too. That loopback addresses need no {@code NO_PROXY} is our own choice: no proxy could reach
 * them.
 */
class ProxiesTest {

  private static Proxies of(Map<String, String> environment) {
    return new Proxies(NetworkSettings.ofEnvironment(environment));
  }

  @ParameterizedTest
  @CsvSource({
    "https://mlflow.example.com,         secure:3128",
    "https://mlflow.example.com:8443/x,  secure:3128",
    "http://mlflow.example.com:5000,     plain:80",
    "http://10.1.2.3:5000,               plain:80",
  })
  void eachSchemeHasItsProxy(URI address, String proxy) {
    Proxies proxies =
        of(Map.of("HTTP_PROXY", "http://plain", "https_proxy", "http://ada:x%40y@secure:3128"));
    assertThat(proxies.named(address)).contains(proxy);
  }

  @Test
  void oneProxyMayBeForAll() {
    Proxies proxies = of(Map.of("ALL_PROXY", "all.example.com:8080"));
    assertThat(proxies.named(URI.create("http://a"))).contains("all.example.com:8080");
    assertThat(proxies.named(URI.create("https://a"))).contains("all.example.com:8080");
  }

  @Test
  void smallLettersComeFirst() {
    Proxies proxies = of(Map.of("HTTP_PROXY", "http://large", "http_proxy", "http://small"));
    assertThat(proxies.named(URI.create("http://a"))).contains("small:80");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:5000",
        "http://127.0.0.1:5000",
        "http://[::1]:5000",
        "http://mlflow.example.com",
        "http://MLFLOW.Example.Com:99",
        "http://deep.mlflow.example.com",
        "http://a.internal",
        "http://internal",
        "http://10.99.2.3",
        "http://192.168.7.7",
        "http://other.com:8443",
      })
  void noProxyNamesHostsDomainsNetworksAndPorts(URI address) {
    Proxies proxies =
        of(
            Map.of(
                "ALL_PROXY",
                "http://proxy",
                "NO_PROXY",
                "mlflow.example.com, .internal,10.0.0.0/8 192.168.7.7,other.com:8443"));
    assertThat(proxies.named(address)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://notmlflow.example.com",
        "http://example.com",
        "http://11.0.0.1",
        "http://192.168.7.70",
        "http://other.com",
        "https://other.com",
      })
  void whatNoProxyDoesNotNameGoesThroughIt(URI address) {
    Proxies proxies =
        of(
            Map.of(
                "ALL_PROXY",
                "http://proxy",
                "NO_PROXY",
                "mlflow.example.com, .internal,10.0.0.0/8 192.168.7.7,other.com:8443"));
    assertThat(proxies.named(address)).contains("proxy:80");
  }

  @Test
  void aStarTurnsAllProxiesOff() {
    assertThat(of(Map.of("ALL_PROXY", "p", "NO_PROXY", "*")).named(URI.create("http://a")))
        .isEmpty();
  }

  @Test
  void aSocksProxyForAllProgramsIsPassedOver() {
    assertThat(of(Map.of("ALL_PROXY", "socks5://p:1080")).named(URI.create("http://a"))).isEmpty();
  }

  @Test
  void theJvmsProxyForHttpLeavesThatOfHttpsAlone() {
    System.setProperty("http.proxyHost", "of-the-jvm");
    try {
      Proxies proxies = of(Map.of("HTTPS_PROXY", "http://of-the-environment:3128"));
      assertThat(proxies.named(URI.create("https://a.example.com")))
          .contains("of-the-environment:3128");
    } finally {
      System.clearProperty("http.proxyHost");
    }
  }

  @Test
  void theJvmsProxyTakesPrecedence() {
    System.setProperty("http.proxyHost", "of-the-jvm");
    System.setProperty("http.proxyPort", "8888");
    try {
      Proxies proxies = of(Map.of("HTTP_PROXY", "http://ada:secret@of-the-environment"));
      assertThat(proxies.named(URI.create("http://a.example.com"))).contains("of-the-jvm:8888");
      assertThat(proxies.login(URI.create("http://a.example.com"))).isEmpty();
    } finally {
      System.clearProperty("http.proxyHost");
      System.clearProperty("http.proxyPort");
    }
  }

  @Test
  void theLoginIsDecoded() {
    Proxies proxies = of(Map.of("HTTP_PROXY", "http://ada:x%40y%3A@proxy:1"));
    assertThat(proxies.login(URI.create("http://a")))
        .contains(new Credentials.Basic("ada", "x@y:"));
    assertThat(proxies.login(URI.create("http://localhost"))).isEmpty();
  }
}
