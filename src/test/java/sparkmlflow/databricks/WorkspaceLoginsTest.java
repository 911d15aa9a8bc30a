package sparkmlflow.databricks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.databricks.config.DatabricksClientSettingsProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.DatabricksSettings;
import sparkmlflow.LogLines;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;

class WorkspaceLoginsTest {

  private static final String EXPERIMENT =
      "{\"experiment\": {\"experiment_id\": \"7\", \"name\": \"/Shared/wine\"}}";

  private final ScriptedServer server = ScriptedServer.start();
  private final Path file;
  private final Path cli;
  private final LogLines log = LogLines.record();

  WorkspaceLoginsTest(@TempDir Path folder) {
    // the tests' own settings hide it
    Configurator.setLevel(WorkspaceLogins.class.getName(), Level.INFO);
    this.file = folder.resolve(".databrickscfg");
    this.cli = folder.resolve("databricks");
    server.on("GET", "experiments/get-by-name", ScriptedServer.json(EXPERIMENT));
    server.on("GET", "experiments/get", ScriptedServer.json(EXPERIMENT));
  }

  @AfterEach
  void stop() {
    log.end();
    Configurator.setLevel(WorkspaceLogins.class.getName(), (Level) null);
    server.close();
    DatabricksClientSettingsProvider.VENDED.clear();
  }

  private DatabricksSettings settings(
      String host, String token, String clientId, String clientSecret, String profile) {
    return new DatabricksSettings(
        host, token, clientId, clientSecret, profile, file.toString(), cli.toString());
  }

  private DatabricksSettings withToken() {
    return settings(server.uri().toString(), TestSettings.TOKEN, "", "", "");
  }

  private DatabricksSettings withNothing() {
    return settings("", "", "", "", "");
  }

  private static MlflowConnection open(String uri, DatabricksSettings settings) {
    return MlflowConnection.open(TestSettings.workspace(uri, "", settings), pause -> {});
  }

  /** Calls once by each of the two ways. */
  private void callBothWays(String uri, DatabricksSettings settings) {
    try (MlflowConnection connection = open(uri, settings)) {
      connection.tracking().experimentNamed("/Shared/wine");
      connection.tracking().experiment("7");
    }
  }

  private List<String> logins() {
    return server.requests().stream()
        .filter(request -> request.path().contains("/experiments/"))
        .map(request -> request.header("Authorization"))
        .toList();
  }

  private static void assertNamed(LogLines log, String source) {
    assertThat(log.recorded())
        .anySatisfy(line -> assertThat(line).contains("the login comes from", source))
        .noneMatch(line -> line.contains(TestSettings.TOKEN))
        .noneMatch(line -> line.contains(TestSettings.PASSWORD));
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }

  private String profile(String name, String token) {
    return "[%s]\nhost = %s\ntoken = %s\n".formatted(name, server.uri(), token);
  }

  @Test
  void hostAndTokenAreUsedByBothWaysAndNamedInTheLog() {
    callBothWays("databricks", withToken());
    assertThat(logins())
        .containsExactly("Bearer " + TestSettings.TOKEN, "Bearer " + TestSettings.TOKEN);
    assertNamed(log, "the settings (token)");
  }

  /** A stand-in for the CLI, which prints what the real one prints. */
  private void cli(String script) throws IOException {
    Files.writeString(cli, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(cli, PosixFilePermissions.fromString("rwx------"));
    write("[me]\nhost = %s\nauth_type = databricks-cli\n".formatted(server.uri()));
  }

  @Test
  void aPersonWhoLoggedInWithTheCliLogsInWithItsTokenAndARefusedOneIsAskedForAgain()
      throws IOException {
    cli(
        """
        case $* in "auth token --profile me"*) ;; *) exit 9 ;; esac
        [ "$DATABRICKS_CONFIG_FILE" = '%s' ] || exit 9
        # the real one gives the same token until it ends, or until it is told to renew it
        case $* in *--force-refresh) echo "$*" >> '%s' ;; esac
        token=of-the-cli-$(cat '%s' 2>/dev/null | wc -l)
        echo '{"access_token": "'$token'", "token_type": "Bearer", "expiry": "2999-01-01T00:00:00.123456+02:00"}'
        """
            .formatted(file, cli + ".calls", cli + ".calls"));
    server.on(
        "GET",
        "experiments/get",
        ScriptedServer.json(401, "{\"error_code\": \"UNAUTHENTICATED\"}"),
        ScriptedServer.json(EXPERIMENT));

    callBothWays("databricks://me", withNothing());

    assertThat(logins())
        .containsExactly("Bearer of-the-cli-0", "Bearer of-the-cli-0", "Bearer of-the-cli-1");
    assertNamed(log, "profile me in " + file + " (databricks auth login)");
    assertThat(log.recorded()).noneMatch(line -> line.contains("of-the-cli"));
  }

  @Test
  void whatTheCliSaysIsShownWithWhatToDo() throws IOException {
    cli("echo 'Error: the refresh token is no longer valid' >&2; exit 1");
    assertThatThrownBy(() -> callBothWays("databricks://me", withNothing()))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("the refresh token is no longer valid")
        .hasMessageContaining("Log in again: databricks auth login --profile me")
        // as a workspace that refuses the login, so that finished work is kept
        .matches(refused -> ((MlflowException) refused).refusedLogin());

    cli("echo no-json-of-a-newer-cli");
    assertThatThrownBy(() -> callBothWays("databricks://me", withNothing()))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("printed no JSON")
        .hasMessageNotContaining("no-json-of");

    Files.delete(cli);
    assertThatThrownBy(() -> callBothWays("databricks://me", withNothing()))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("made by databricks auth login")
        .hasMessageContaining("DATABRICKS_CLI_PATH");
  }

  @Test
  void aServicePrincipalLogsInAndARefusedTokenIsReplacedOnceByBothWays() {
    server.on(
        "POST",
        "/oidc/v1/token",
        ScriptedServer.json("{\"access_token\": \"t1\", \"expires_in\": 3600}"),
        ScriptedServer.json("{\"access_token\": \"t2\", \"expires_in\": 3600}"),
        ScriptedServer.json("{\"access_token\": \"t3\", \"expires_in\": 3600}"));
    ScriptedServer.Reply onlyT2 =
        (exchange, request) ->
            (request.header("Authorization").equals("Bearer t2")
                    ? ScriptedServer.json(EXPERIMENT)
                    : ScriptedServer.error(401, "UNAUTHENTICATED", "token expired"))
                .to(exchange, request);
    ScriptedServer.Reply onlyT3 =
        (exchange, request) ->
            (request.header("Authorization").equals("Bearer t3")
                    ? ScriptedServer.json(EXPERIMENT)
                    : ScriptedServer.error(403, "403", "Invalid access token."))
                .to(exchange, request);
    server.on("GET", "experiments/get-by-name", onlyT2);
    server.on("GET", "experiments/get", onlyT3);
    callBothWays(
        "databricks", settings(server.uri().toString(), "", "client", TestSettings.PASSWORD, ""));
    assertThat(server.requests("/oidc/v1/token")).hasSize(3);
    assertThat(logins()).startsWith("Bearer t1", "Bearer t2", "Bearer t2").endsWith("Bearer t3");
    assertNamed(log, "the settings (client id) (OAuth)");
  }

  @Test
  void aLoginThatIsRefusedForGoodIsRefusedAfterOneMoreLook() {
    server.on("GET", "experiments/get-by-name", ScriptedServer.error(401, "X", "no"));
    assertThatThrownBy(() -> callBothWays("databricks", withToken()))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("401 with X: no")
        .hasMessageContaining("does not accept the login from the settings (token)")
        .hasMessageContaining("expired or revoked");
    assertThat(server.requests("get-by-name")).hasSize(1);
  }

  @Test
  void aRightThatIsMissingIsToldFromALoginThatIsWrong() {
    server.on(
        "GET", "experiments/get-by-name", ScriptedServer.error(403, "PERMISSION_DENIED", "x"));
    assertThatThrownBy(() -> callBothWays("databricks", withToken()))
        .hasMessageContaining("is known but may not do this")
        .hasMessageContaining("IP access list");
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.error(403, "403", "Invalid access token."));
    assertThatThrownBy(() -> callBothWays("databricks", withToken()))
        .hasMessageContaining("does not accept the login");
  }

  @Test
  void theProfileOfTheAddressGoesBeforeHostAndToken() throws IOException {
    write(profile("DEFAULT", "d") + profile("prod", TestSettings.TOKEN));
    callBothWays("databricks://prod", settings("https://elsewhere.invalid", "another", "", "", ""));
    assertThat(logins()).containsOnly("Bearer " + TestSettings.TOKEN);
    assertNamed(log, "profile prod in " + file);
  }

  @Test
  void theProfileOfTheSettingsGoesBeforeDefaultAndAfterHostAndToken() throws IOException {
    write(profile("DEFAULT", "d") + profile("prod", "p"));
    callBothWays("databricks", settings("", "", "", "", "prod"));
    assertThat(logins()).containsOnly("Bearer p");
    callBothWays("databricks", withNothing());
    assertThat(logins()).endsWith("Bearer d");
    callBothWays(
        "databricks", settings(server.uri().toString(), TestSettings.TOKEN, "", "", "prod"));
    assertThat(logins()).endsWith("Bearer " + TestSettings.TOKEN);
  }

  @Test
  void aTokenThatAnotherToolWritesIntoTheFileIsUsedFromTheNextRequestOn() throws IOException {
    write("# by hand\n; twice\n[DEFAULT]\nhost:" + server.uri() + "\n Token = a=b \n");
    try (MlflowConnection connection = open("databricks", withNothing())) {
      connection.tracking().experimentNamed("w");
      write(profile("DEFAULT", "fresh"));
      connection.tracking().experimentNamed("w");
      write("[DEFAULT]\nhost = https://elsewhere.invalid\ntoken = x\n");
      assertThatThrownBy(() -> connection.tracking().experimentNamed("w"))
          .hasMessageContaining("changed its host");
    }
    assertThat(logins()).containsExactly("Bearer a=b", "Bearer fresh");
  }

  @Test
  void aServicePrincipalMayStandInAProfile() throws IOException {
    server.on("POST", "/oidc/v1/token", ScriptedServer.json("{\"access_token\": \"t1\"}"));
    write(
        "[DEFAULT]\nhost=%s\nclient_id=c\nclient_secret=%s\n"
            .formatted(server.uri(), TestSettings.PASSWORD));
    callBothWays("databricks", withNothing());
    assertThat(logins()).containsOnly("Bearer t1");
    assertNamed(log, "profile DEFAULT in " + file + " (OAuth)");
  }

  @Test
  void aProfileThatIsMissingOrOfNoUseIsNamed() throws IOException {
    assertThatThrownBy(() -> callBothWays("databricks://prod", withNothing()))
        .hasMessageContaining("databricks://prod names the profile prod")
        .hasMessageContaining("there is no file " + file);
    write(profile("one", "1") + "[__settings__]\nx=1\n[cli]\nhost=h\nauth_type=azure-cli\n");
    assertThatThrownBy(() -> callBothWays("databricks://prod", withNothing()))
        .hasMessageContaining("It has [one, cli]");
    assertThatThrownBy(() -> callBothWays("databricks://cli", withNothing()))
        .hasMessageContaining("only [host, auth_type]");
    write("[prod]\ntoken = x\n");
    assertThatThrownBy(() -> callBothWays("databricks://prod", withNothing()))
        .hasMessageContaining("has no host");
  }

  @Test
  void theClusterIsAskedForEachRequest() throws IOException {
    write(profile("DEFAULT", "d"));
    DatabricksClientSettingsProvider.VENDED.put("host", server.uri().toString());
    DatabricksClientSettingsProvider.VENDED.put("token", "vended-1");
    try (MlflowConnection connection = open("databricks", withNothing())) {
      connection.tracking().experimentNamed("w");
      DatabricksClientSettingsProvider.VENDED.put("token", "vended-2");
      connection.tracking().experiment("7");
    }
    assertThat(logins()).containsExactly("Bearer vended-1", "Bearer vended-2");
    assertNamed(log, "the cluster the job runs on");
  }

  @Test
  void nothingAtAllSaysWhatCouldBeSet() {
    assertThatThrownBy(() -> callBothWays("databricks", withNothing()))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("DATABRICKS_HOST")
        .hasMessageContaining("DATABRICKS_CLIENT_SECRET")
        .hasMessageContaining("DATABRICKS_CONFIG_PROFILE")
        .hasMessageContaining("no profile DEFAULT in " + file);
    assertThatThrownBy(
            () -> callBothWays("databricks", settings("", TestSettings.TOKEN, "", "", "")))
        .hasMessageContaining("a token is set but no host")
        .hasMessageNotContaining(TestSettings.TOKEN);
  }

  @Test
  void aWrongHostIsNamedAndWhereItIsSet() {
    DatabricksSettings unknown =
        settings("https://no-such.invalid", TestSettings.TOKEN, "", "", "");
    assertThatThrownBy(() -> callBothWays("databricks", unknown))
        .hasMessageContaining("no-such.invalid is not known. Check DATABRICKS_HOST");
    server.on("GET", "experiments/get-by-name", ScriptedServer.html(200));
    assertThatThrownBy(() -> callBothWays("databricks", withToken()))
        .hasMessageContaining("an HTML page instead of JSON")
        .hasMessageContaining("check DATABRICKS_HOST");
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.text(303, "text/plain", "", java.util.Map.of("Location", "/login.html?x")));
    assertThatThrownBy(() -> callBothWays("databricks", withToken()))
        .hasMessageContaining("It points to /login.html;")
        .hasMessageContaining("set DATABRICKS_HOST");
  }

  @Test
  void aProxyThatKeepsTheJobInIsNamed() throws Exception {
    ProxySelector before = ProxySelector.getDefault();
    try (ServerSocket proxy = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread answering = new Thread(() -> refuse(proxy));
      answering.setDaemon(true);
      answering.start();
      ProxySelector.setDefault(
          ProxySelector.of(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.getLocalPort())));
      MlflowException failure =
          catchThrowableOfType(
              MlflowException.class,
              () ->
                  callBothWays(
                      "databricks",
                      settings("https://workspace.invalid", TestSettings.TOKEN, "", "", "")));
      assertThat(failure)
          .hasMessageContaining(
              "the proxy localhost:%d on the way to workspace.invalid does not let this job through"
                  .formatted(proxy.getLocalPort()));
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  private static void refuse(ServerSocket proxy) {
    while (!proxy.isClosed()) {
      try (Socket socket = proxy.accept()) {
        byte[] head = new byte[4096];
        int read = socket.getInputStream().read(head);
        assertThat(new String(head, 0, read, StandardCharsets.UTF_8)).startsWith("CONNECT ");
        socket
            .getOutputStream()
            .write(
                "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        return;
      }
    }
  }

  @Test
  void linksAreThoseThatMlflowPrintsInAWorkspace() {
    try (MlflowConnection connection = open("databricks", withToken())) {
      Run run =
          new Run("r1", "7", "s3://b", RunStatus.RUNNING, false, Map.of(), Map.of(), Map.of());
      assertThat(connection.runUrl(run)).isEqualTo(server.uri() + "/#mlflow/experiments/7/runs/r1");
    }
  }
}
