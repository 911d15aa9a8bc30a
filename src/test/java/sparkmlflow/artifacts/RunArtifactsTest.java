package sparkmlflow.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;

class RunArtifactsTest {

  private static final String PROXY = "/api/2.0/mlflow-artifacts/artifacts/7/r1/artifacts/";

  private final ScriptedServer server = ScriptedServer.start();
  private final Path folder;

  RunArtifactsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Run run(String artifactUri) {
    return new Run("r1", "7", artifactUri, RunStatus.RUNNING, false, Map.of(), Map.of(), Map.of());
  }

  private MlflowConnection open() {
    return MlflowConnection.open(TestSettings.withToken(server.uri()), pause -> {});
  }

  private static RunArtifacts proxied(MlflowConnection connection) {
    return connection.artifacts(run("mlflow-artifacts:/7/r1/artifacts"));
  }

  private LocalFiles files(String... names) throws IOException {
    for (String name : names) {
      Files.createDirectories(folder.resolve(name + "/..").normalize());
      Files.writeString(folder.resolve(name), name.equals("_SUCCESS") ? "" : "content");
    }
    return LocalFiles.in(folder, List.of(names));
  }

  private void listed(String files) {
    server.on("GET", "artifacts/list", ScriptedServer.json("{\"files\": [" + files + "]}"));
  }

  @Test
  void eachFileIsPutUnderItsEncodedNameWithItsLengthAndTheLogin() throws IOException {
    server.otherwise(ScriptedServer.json("{}"));
    try (MlflowConnection connection = open()) {
      proxied(connection).upload(files("_SUCCESS", "a b/ü%.txt"), "/model/");
    }
    assertThat(server.requests().stream().map(r -> r.method() + " " + r.path()))
        .containsExactlyInAnyOrder(
            "PUT " + PROXY + "model/_SUCCESS", "PUT " + PROXY + "model/a%20b/%C3%BC%25.txt");
    assertThat(server.requests())
        .allSatisfy(
            request -> {
              assertThat(request.header("Content-Length"))
                  .isEqualTo(request.path().endsWith("_SUCCESS") ? "0" : "7");
              assertThat(request.header("Content-Type")).isEqualTo("application/octet-stream");
              assertThat(request.header("Authorization")).isEqualTo("Bearer " + TestSettings.TOKEN);
            });
  }

  @Test
  void aFileThatDidNotArriveIsSentAgain() throws IOException {
    server.on(
        "PUT",
        PROXY + "m/a",
        ScriptedServer.reset(),
        ScriptedServer.error(503, "BUSY", "later"),
        ScriptedServer.json("{}"));
    try (MlflowConnection connection = open()) {
      proxied(connection).upload(files("a"), "m");
    }
    assertThat(server.requests(PROXY + "m/a"))
        .extracting(ScriptedServer.Request::body)
        .containsExactly("content", "content", "content");
  }

  @Test
  void oneRefusedFileFailsTheUploadAndIsNamed() throws IOException {
    server.otherwise(ScriptedServer.json("{}"));
    server.on("PUT", PROXY + "m/b", ScriptedServer.error(403, "PERMISSION_DENIED", "no"));
    try (MlflowConnection connection = open()) {
      LocalFiles files = files("a", "b", "c");
      assertThatThrownBy(() -> proxied(connection).upload(files, "m"))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("upload m/b of run r1")
          .hasMessageContaining("PERMISSION_DENIED");
    }
  }

  @Test
  void noMoreFilesTravelAtOnceThanSet() throws IOException {
    // TestSettings allow three; the delay would reveal a fourth
    server.otherwise(ScriptedServer.slowly(ScriptedServer.json("{}")));
    try (MlflowConnection connection = open()) {
      proxied(connection).upload(files("a", "b", "c", "d", "e", "f", "g"), "m");
    }
    assertThat(server.requests()).hasSize(7);
    assertThat(server.mostActive()).isBetween(1, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a#b", "a%20b", "a%2Fb", "a\\b"})
  void aNameThatTheProxyWouldChangeIsRefusedBeforeAnythingIsSent(String name) throws IOException {
    LocalFiles files = files("a", name);
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(() -> proxied(connection).upload(files, "m"))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("m/" + name)
          .hasMessageContaining("Rename the file");
    }
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aHostInsideTheRootTakesTheFilesButNotTheLogin() throws IOException {
    try (ScriptedServer other = ScriptedServer.start();
        MlflowConnection connection = open()) {
      other.otherwise(ScriptedServer.json("{}"));
      connection
          .artifacts(run("mlflow-artifacts://" + other.uri().getAuthority() + "/7/r1/artifacts"))
          .upload(files("a"), "m");
      assertThat(other.requests()).hasSize(1);
      assertThat(other.requests().get(0).path()).isEqualTo(PROXY + "m/a");
      assertThat(other.requests().get(0).header("Authorization")).isEmpty();
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void theTrackingServerNamedInsideTheRootGetsTheLogin() throws IOException {
    server.otherwise(ScriptedServer.json("{}"));
    try (MlflowConnection connection = open()) {
      connection
          .artifacts(run("mlflow-artifacts://" + server.uri().getAuthority() + "/7/r1/artifacts"))
          .upload(files("a"), "m");
    }
    assertThat(server.requests().get(0).header("Authorization"))
        .isEqualTo("Bearer " + TestSettings.TOKEN);
  }

  @Test
  void thePathPrefixOfTheServerIsKept() {
    assertThat(
            ProxyArtifactStore.root(
                URI.create("https://host/team"), URI.create("mlflow-artifacts:/7/r1/artifacts")))
        .hasToString("https://host/team/api/2.0/mlflow-artifacts/artifacts/7/r1/artifacts");
    assertThat(
            ProxyArtifactStore.root(
                URI.create("https://host/team"),
                URI.create("mlflow-artifacts://files:81/7/r1/artifacts")))
        .hasToString("https://files:81/team/api/2.0/mlflow-artifacts/artifacts/7/r1/artifacts");
  }

  @Test
  void anUploadThatTheServerListsCompletelyIsVerified() throws IOException {
    server.otherwise(ScriptedServer.json("{}"));
    listed("{\"path\": \"m/_SUCCESS\", \"is_dir\": false}, {\"path\": \"m/a\", \"file_size\": 7}");
    try (MlflowConnection connection = open()) {
      VerifiedFolder upload = proxied(connection).uploadVerified(files("_SUCCESS", "a"), "m");
      assertThat(upload.uri()).isEqualTo("mlflow-artifacts:/7/r1/artifacts/m");
      assertThat(upload.files().bytes()).isEqualTo(7);
    }
  }

  @Test
  void foldersAndPagesOfTheListingAreFollowed() throws IOException {
    server.otherwise(ScriptedServer.json("{}"));
    server.on(
        "GET",
        "artifacts/list",
        ScriptedServer.json(
            "{\"files\": [{\"path\": \"m/d\", \"is_dir\": true}], \"next_page_token\": \"p2\"}"),
        ScriptedServer.json("{\"files\": [{\"path\": \"m/d/a\", \"file_size\": 7}]}"),
        ScriptedServer.json("{\"files\": [{\"path\": \"m/b\", \"file_size\": 7}]}"));
    try (MlflowConnection connection = open()) {
      proxied(connection).uploadVerified(files("b", "d/a"), "m");
    }
    assertThat(server.requests("artifacts/list"))
        .extracting(ScriptedServer.Request::query)
        .satisfiesExactly(
            first -> assertThat(first).contains("path=m").doesNotContain("page_token"),
            inner -> assertThat(inner).contains("path=m%2Fd"),
            second -> assertThat(second).contains("page_token=p2"));
  }

  @Test
  void whatIsMissingShortOrForeignInTheListingIsNamed() throws IOException {
    server.otherwise(ScriptedServer.json("{}"));
    listed("{\"path\": \"m/b\", \"file_size\": 3}, {\"path\": \"m/old\", \"file_size\": 1}");
    try (MlflowConnection connection = open()) {
      LocalFiles files = files("a", "b");
      assertThatThrownBy(() -> proxied(connection).uploadVerified(files, "m"))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("a is missing")
          .hasMessageContaining("b has 3 instead of 7 bytes")
          .hasMessageContaining("m/old does not belong there");
    }
  }

  @Test
  void aSharedFolderGetsWholeFilesOnly() throws IOException {
    Path root = Files.createDirectories(folder.resolve("root with space"));
    try (MlflowConnection connection = open()) {
      for (String uri :
          List.of(
              root.resolve("7/r1/artifacts").toString(),
              root.resolve("7/r2/artifacts").toUri().toString())) {
        connection.artifacts(run(uri)).upload(files("sub/a#%20", "_SUCCESS"), "m");
      }
    }
    try (Stream<Path> walk = Files.walk(root)) {
      assertThat(walk.filter(Files::isRegularFile).map(file -> root.relativize(file).toString()))
          .containsExactlyInAnyOrder(
              "7/r1/artifacts/m/sub/a#%20",
              "7/r1/artifacts/m/_SUCCESS",
              "7/r2/artifacts/m/sub/a#%20",
              "7/r2/artifacts/m/_SUCCESS");
    }
    assertThat(root.resolve("7/r1/artifacts/m/sub/a#%20")).hasContent("content");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aFolderThatOnlyTheServerHasIsNotMadeHere() throws IOException {
    Path root = folder.resolve("only-on-the-server");
    LocalFiles files = files("a");
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(
              () -> connection.artifacts(run(root + "/7/r1/artifacts")).upload(files, "m"))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining(root + " does not exist on this machine")
          .hasMessageContaining("--serve-artifacts");
    }
    assertThat(root).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://bucket/7/r1/artifacts", "mlruns/7/r1/artifacts", "file://host/x"})
  void aRootThatCannotBeWrittenToIsRefusedAtOnce(String uri) {
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(() -> connection.artifacts(run(uri)))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining(uri)
          .hasMessageContaining("--serve-artifacts");
    }
  }

  @Test
  void aPathThatLeadsUpwardsIsRefused() throws IOException {
    LocalFiles files = files("a");
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(() -> proxied(connection).upload(files, "m/../../other"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("leads upwards");
    }
    assertThatThrownBy(() -> LocalFiles.in(folder.resolve("sub"), List.of("../a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("leads out of the folder");
  }

  private static ScriptedServer.Reply content(String text) {
    return ScriptedServer.text(200, "application/octet-stream", text, Map.of());
  }

  private Path target() {
    return folder.resolve("target");
  }

  @Test
  void aFolderIsFetchedWithTheLoginAndIsEqualToWhatWasSent() throws IOException {
    listed(
        "{\"path\": \"m/a b/%23.txt\", \"file_size\": 7}, {\"path\": \"m/_SUCCESS\", \"is_dir\": false}");
    server.on("GET", PROXY + "m/a%20b/%2523.txt", content("content"));
    server.on("GET", PROXY + "m/_SUCCESS", content(""));
    LocalFiles sent = files("a b/%23.txt", "_SUCCESS");
    try (MlflowConnection connection = open()) {
      VerifiedFolder fetched = proxied(connection).download("/m/", target());
      assertThat(fetched.uri()).isEqualTo("mlflow-artifacts:/7/r1/artifacts/m");
      assertThat(fetched.digest()).isEqualTo(sent.digest());
    }
    assertThat(target().resolve("a b/%23.txt")).hasContent("content");
    assertThat(target().resolve("_SUCCESS")).isEmptyFile();
    assertThat(server.requests())
        .allSatisfy(
            request ->
                assertThat(request.header("Authorization"))
                    .isEqualTo("Bearer " + TestSettings.TOKEN));
  }

  @Test
  void theDigestTellsContentsAndNamesApart() throws IOException {
    String digest = files("a", "b").digest();
    // in Python, with c = sha256(b"content").hexdigest():
    // sha256("".join(f"{name}{chr(0)}7{chr(0)}{c}\n" for name in "ab").encode()).hexdigest()
    assertThat(digest)
        .isEqualTo("1254953b3d2a3b03706c379305650ef1fabac9bbee16ac6bc1e0e35130d070c4");
    assertThat(files("a", "c").digest()).isNotEqualTo(digest);
    Files.writeString(folder.resolve("b"), "Content");
    assertThat(LocalFiles.in(folder, List.of("b", "a")).digest()).isNotEqualTo(digest);
    Files.writeString(folder.resolve("b"), "content");
    assertThat(LocalFiles.in(folder, List.of("b", "a")).digest()).isEqualTo(digest);
  }

  @Test
  void aDownloadThatBrokeOffIsMadeAgainFromTheStart() throws IOException {
    listed("{\"path\": \"m/a\", \"file_size\": 3}");
    server.on(
        "GET",
        PROXY + "m/a",
        (exchange, request) -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write("longer than the file".getBytes(StandardCharsets.UTF_8));
          exchange.getResponseBody().flush();
        },
        ScriptedServer.error(503, "BUSY", "later"),
        content("abc"));
    try (MlflowConnection connection = open()) {
      proxied(connection).download("m", target());
    }
    assertThat(target().resolve("a")).hasContent("abc");
  }

  @Test
  void aLargeFileMayTakeLongerThanASmallOne() {
    listed("{\"path\": \"m/a\", \"file_size\": %d}".formatted(1L << 30));
    ScriptedServer.Reply slow =
        (exchange, request) -> {
          LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
          content("abc").to(exchange, request);
        };
    server.on("GET", PROXY + "m/a", slow);
    // 1 s for 256 MiB is 4 s for 1 GiB
    try (MlflowConnection connection =
        MlflowConnection.open(TestSettings.waiting(server.uri(), Duration.ofSeconds(1)))) {
      assertThatThrownBy(() -> proxied(connection).download("m", target()))
          .isInstanceOf(DamagedFilesException.class)
          .hasMessageContaining("a has 1073741824 instead of 3 bytes");

      listed("{\"path\": \"m/a\", \"file_size\": 3}");
      assertThatThrownBy(() -> proxied(connection).download("m", folder.resolve("second")))
          .hasMessageContaining("gave no complete answer within 1 s (upload timeout)");
    }
  }

  @Test
  void aFolderWithoutFilesIsDamaged() {
    listed("");
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(() -> proxied(connection).download("m", target()))
          .isInstanceOf(DamagedFilesException.class)
          .hasMessageContaining("lists no file under mlflow-artifacts:/7/r1/artifacts/m");
    }
    assertThat(target()).doesNotExist();
  }

  @Test
  void aFileThatIsListedButGoneOrCutIsDamage() {
    listed("{\"path\": \"m/a\", \"file_size\": 7}");
    server.on("GET", PROXY + "m/a", ScriptedServer.error(404, "NOT_FOUND", "gone"), content("cut"));
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(() -> proxied(connection).download("m", target()))
          .isInstanceOf(DamagedFilesException.class)
          .hasMessageContaining("lists a file but answers 404 for it")
          .hasMessageContaining("download m/a of run r1");
      assertThatThrownBy(() -> proxied(connection).download("m", target()))
          .isInstanceOf(DamagedFilesException.class)
          .hasMessageContaining("a has 7 instead of 3 bytes");
    }
  }

  @Test
  void aServerThatCannotBeAskedIsNoDamage() {
    listed("{\"path\": \"m/a\", \"file_size\": 7}");
    server.on("GET", PROXY + "m/a", ScriptedServer.error(503, "BUSY", "later"));
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(() -> proxied(connection).download("m", target()))
          .isInstanceOf(MlflowException.class)
          .isNotInstanceOf(DamagedFilesException.class)
          .hasMessageContaining("(3 attempts)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"m/../../x", "m/", "m//x", "other/x", "m/a\\\\..\\\\x"})
  void aListingThatLeadsOutOfTheFolderIsRefused(String path) {
    listed("{\"path\": \"" + path + "\", \"file_size\": 7}");
    server.otherwise(content("content"));
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(() -> proxied(connection).download("m", target()))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("does not lead into m");
    }
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void aDownloadNeedsAnUnusedFolder() throws IOException {
    listed("{\"path\": \"m/a\", \"file_size\": 7}");
    files("target/old");
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(() -> proxied(connection).download("m", target()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is not empty");
    }
  }

  @Test
  void aSharedFolderGivesItsFiles() throws IOException {
    files("root/7/r1/artifacts/m/sub/a#%20");
    listed("{\"path\": \"m/sub/a#%20\", \"file_size\": 7}");
    String root = folder.resolve("root/7/r1/artifacts").toString();
    try (MlflowConnection connection = open()) {
      connection.artifacts(run(root)).download("m", target());
      assertThat(target().resolve("sub/a#%20")).hasContent("content");

      Files.delete(folder.resolve("root/7/r1/artifacts/m/sub/a#%20"));
      assertThatThrownBy(
              () -> connection.artifacts(run(root)).download("m", folder.resolve("again")))
          .isInstanceOf(DamagedFilesException.class)
          .hasMessageContaining("m/sub/a#%20 does not exist");
      assertThatThrownBy(
              () -> connection.artifacts(run("/nowhere")).download("m", folder.resolve("third")))
          .isInstanceOf(MlflowException.class)
          .isNotInstanceOf(DamagedFilesException.class)
          .hasMessageContaining("which does not exist on this machine");
    }
  }
}
