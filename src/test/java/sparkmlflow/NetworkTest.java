package sparkmlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.tracking.RunStatus;

/** Proxies and certificates of the environment, for every call of a connection. */
class NetworkTest {

  private static final String RUN =
      """
      {"run": {"info": {"run_id": "r1", "experiment_id": "7", "status": "RUNNING",
        "artifact_uri": "mlflow-artifacts:/7/r1/artifacts", "lifecycle_stage": "active"}}}\
      """;

  private static final String MODEL = "{\"registered_model\": {\"name\": \"wine\"}}";

  @TempDir Path folder;

  private final ScriptedServer server = ScriptedServer.start();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    server.close();
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private <T extends AutoCloseable> T closing(T one) {
    opened.add(one);
    return one;
  }

  private MlflowConnection open(String server, Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("MLFLOW_TRACKING_URI", server);
    return closing(MlflowConnection.open(MlflowSettings.ofEnvironment(all), pause -> {}));
  }

  private static ThrowingCallable call(MlflowConnection connection) {
    return () -> connection.tracking().logInputs("r1", List.of());
  }

  private int port() {
    return server.uri().getPort();
  }

  @Test
  void everyCallGoesThroughTheProxy() throws Exception {
    server.on("POST", "runs/create", ScriptedServer.json(RUN));
    server.on("GET", "runs/get", ScriptedServer.json(RUN));
    server.on("GET", "registered-models/get", ScriptedServer.json(MODEL));
    server.otherwise(ScriptedServer.json("{}"));
    ForwardProxy proxy = closing(new ForwardProxy(port(), "ada:pass/wörd"));
    Path file = Files.writeString(folder.resolve("a.txt"), "text");
    MlflowConnection connection =
        open(
            "http://mlflow.private:5000",
            Map.of("HTTP_PROXY", "http://ada:pass%2Fw%C3%B6rd@" + proxy.address()));

    var run = connection.tracking().createRun("7", "", Instant.EPOCH, "k", Map.of());
    connection.tracking().logParams("r1", Map.of("a", "b"));
    connection.tracking().endRun("r1", RunStatus.FINISHED, Instant.EPOCH);
    connection.tracking().run("r1");
    connection.registry().ensureModel("wine");
    connection.artifacts(run).upload(LocalFiles.at(file), "a");

    assertThat(server.requests()).hasSize(6);
    assertThat(proxy.passed)
        .hasSize(6)
        .allMatch(line -> line.contains(" http://mlflow.private:5000/api/2.0/mlflow"));
  }

  @Test
  void theProxyOfTheJvmIsForEveryCallToo() throws Exception {
    server.on("GET", "runs/get", ScriptedServer.json(RUN));
    server.otherwise(ScriptedServer.json("{}"));
    ForwardProxy proxy = closing(new ForwardProxy(port(), ""));
    System.setProperty("http.proxyHost", "127.0.0.1");
    System.setProperty("http.proxyPort", proxy.address().replaceAll(".*:", ""));
    try {
      MlflowConnection connection = open("http://mlflow.private", Map.of());
      connection.tracking().run("r1");
      connection.tracking().logInputs("r1", List.of());
    } finally {
      System.clearProperty("http.proxyHost");
      System.clearProperty("http.proxyPort");
    }
    assertThat(proxy.passed).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void aProxyThatWantsALoginSaysHowToGiveIt(String scheme) throws Exception {
    ForwardProxy proxy = closing(new ForwardProxy(port(), "ada:right"));
    MlflowConnection connection =
        open(
            scheme + "://mlflow.private",
            Map.of("ALL_PROXY", "http://ada:very-wrong@" + proxy.address()));
    assertThatThrownBy(call(connection))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("answered 407 with no text")
        .hasMessageContaining("http://user:password@host:port")
        .hasMessageNotContaining("very-wrong");
    assertThat(proxy.refused).hasSize(1);
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aProxyThatIsNotThereIsNamed() throws Exception {
    ForwardProxy proxy = new ForwardProxy(port(), "");
    proxy.close();
    MlflowConnection connection =
        open("http://mlflow.private", Map.of("HTTP_PROXY", proxy.address()));
    assertThatThrownBy(call(connection))
        .hasMessageContaining(
            "no connection to the proxy %s on the way to mlflow.private. Set HTTPS_PROXY"
                .formatted(proxy.address()));
  }

  @Test
  void aHostThatOnlyAProxyMayKnowIsSaidSo() {
    MlflowConnection connection = open("http://no-such-host.invalid", Map.of());
    assertThatThrownBy(call(connection))
        .hasMessageContaining("If only a proxy knows it: Set HTTPS_PROXY or HTTP_PROXY");
  }

  @Test
  void aPrivateAuthorityIsTrustedOnceItIsNamed() throws Exception {
    TlsServer tls = closing(new TlsServer(folder, false));
    ForwardProxy proxy = closing(new ForwardProxy(tls.port(), "ada:right"));
    String address = "https://" + TlsServer.NAME;
    Map<String, String> through = Map.of("HTTPS_PROXY", "http://ada:right@" + proxy.address());

    assertThatThrownBy(call(open(address, through)))
        .hasMessageContaining("failed in TLS")
        .hasMessageContaining("MLFLOW_TRACKING_SERVER_CERT_PATH, a file of PEM certificates");
    for (String variable :
        List.of("MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")) {
      open(address, with(through, variable, tls.certificate)).tracking().logInputs("r1", List.of());
    }
    assertThat(tls.requests).hasSize(3);
    // the certificate is for another name
    String other = "https://mlflow.other";
    Map<String, String> trusting =
        with(through, "MLFLOW_TRACKING_SERVER_CERT_PATH", tls.certificate);
    assertThatThrownBy(call(open(other, trusting))).hasMessageContaining("failed in TLS");
    open(other, with(through, "MLFLOW_TRACKING_INSECURE_TLS", "true"))
        .tracking()
        .logInputs("r1", List.of());
    assertThat(tls.requests).hasSize(4);
    assertThat(proxy.passed).allMatch(line -> line.matches("CONNECT mlflow\\.\\w+:443 .*"));
  }

  @Test
  void aServerThatDemandsACertificateGetsIt() throws Exception {
    TlsServer tls = closing(new TlsServer(folder, true));
    String address = "https://127.0.0.1:" + tls.port();
    Map<String, String> insecure = Map.of("MLFLOW_TRACKING_INSECURE_TLS", "true");
    assertThatThrownBy(call(open(address, insecure))).isInstanceOf(MlflowException.class);
    open(address, with(insecure, "MLFLOW_TRACKING_CLIENT_CERT_PATH", tls.client))
        .tracking()
        .logInputs("r1", List.of());
    assertThat(tls.requests).hasSize(1);
  }

  @Test
  void aFileThatIsNoCertificateIsRefusedByName() throws Exception {
    Path text = Files.writeString(folder.resolve("text.pem"), "no certificate");
    Path cut =
        Files.writeString(
            folder.resolve("cut.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    Path missing = folder.resolve("missing.pem");
    for (Path file : List.of(text, cut, missing)) {
      for (String variable :
          List.of("MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_CLIENT_CERT_PATH")) {
        Map<String, String> environment = Map.of(variable, file.toString());
        assertThatThrownBy(call(open("https://mlflow.private", environment)))
            .isInstanceOf(MlflowException.class)
            .hasMessageContaining(file.toString());
      }
    }
    TlsServer tls = closing(new TlsServer(folder, false));
    Map<String, String> withoutKey =
        Map.of("MLFLOW_TRACKING_CLIENT_CERT_PATH", tls.certificate.toString());
    assertThatThrownBy(call(open("https://mlflow.private", withoutKey)))
        .hasMessageContaining("BEGIN PRIVATE KEY");
  }

  @Test
  void certificatesAreReadOnlyForHttps() {
    server.otherwise(ScriptedServer.json("{}"));
    Map<String, String> stale = Map.of("SSL_CERT_FILE", folder.resolve("gone.pem").toString());
    open(server.uri().toString(), stale).tracking().logInputs("r1", List.of());
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aProxyThatIsBusyIsAskedAgain() throws Exception {
    TlsServer tls = closing(new TlsServer(folder, false));
    ForwardProxy proxy = closing(new ForwardProxy(tls.port(), ""));
    proxy.busy.set(2);
    open(
            "https://mlflow.private",
            Map.of(
                "HTTPS_PROXY",
                proxy.address(),
                "MLFLOW_TRACKING_SERVER_CERT_PATH",
                tls.certificate.toString()))
        .tracking()
        .logInputs("r1", List.of());
    assertThat(proxy.refused).hasSize(2);
    assertThat(tls.requests).hasSize(1);
  }

  @Test
  void anotherServerGetsNeitherCertificateNorTrustOfTheTrackingServer() {
    NetworkSettings network =
        new NetworkSettings("http://p", "http://q", "n", "c", "", "own", true);
    assertThat(network.forAnyServer())
        .isEqualTo(new NetworkSettings("http://p", "http://q", "n", "c", "", "", false));
    MlflowSettings settings =
        MlflowSettings.ofEnvironment(
            Map.of("MLFLOW_TRACKING_CLIENT_CERT_PATH", "own", "HTTP_PROXY", "http://p"));
    assertThat(settings.at("https://target", Login.NONE).http().network())
        .isEqualTo(new NetworkSettings("http://p", "", "", "", "", "", false));
  }

  @Test
  void theWorkspaceIsNamedInEveryCallToTheServer() throws Exception {
    server.on("GET", "runs/get", ScriptedServer.json(RUN));
    server.on("GET", "registered-models/get", ScriptedServer.json(MODEL));
    server.otherwise(ScriptedServer.json("{}"));
    MlflowConnection connection =
        open(server.uri().toString(), Map.of("MLFLOW_WORKSPACE", "team-a"));
    Path file = Files.writeString(folder.resolve("a.txt"), "text");
    connection.artifacts(connection.tracking().run("r1")).upload(LocalFiles.at(file), "a");
    connection.tracking().logParams("r1", Map.of("a", "b"));
    connection.registry().ensureModel("wine");
    assertThat(connection.registry().url("wine", "3"))
        .isEqualTo(
            server.uri()
                + "/#/models/wine/versions/3?workflowType=machine_learning&workspace=team-a");
    assertThat(server.requests())
        .hasSizeGreaterThan(2)
        .allMatch(request -> request.header("X-MLFLOW-WORKSPACE").equals("team-a"));
    assertThatThrownBy(() -> open("http://a", Map.of("MLFLOW_WORKSPACE", "Team A")))
        .hasMessageContaining("workspace is \"Team A\"");
  }

  @Test
  void aProxysAddressIsCheckedAndItsPasswordNeverShown() {
    for (String proxy :
        List.of(
            "socks5://p:1", "https://p:1", "http://ada:se cret@p", "ada:se/cret@p:1", "http://")) {
      assertThatThrownBy(() -> NetworkSettings.ofEnvironment(Map.of("HTTPS_PROXY", proxy)))
          .hasMessageStartingWith("httpsProxy ")
          .hasMessageContaining("it must be http://host:port")
          .hasMessageNotContaining("cret");
    }
    assertThat(
            NetworkSettings.ofEnvironment(Map.of("HTTP_PROXY", "ada:secret@proxy.example:1"))
                .toString())
        .contains("****@proxy.example:1")
        .doesNotContain("secret");
  }

  private static Map<String, String> with(Map<String, String> map, String name, Object value) {
    Map<String, String> all = new HashMap<>(map);
    all.put(name, value.toString());
    return all;
  }
}
