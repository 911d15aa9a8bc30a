package winequality.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    return new Run("r1", "7", "n", artifactUri, RunStatus.RUNNING, false, Map.of(), Map.of());
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
    // TestSettings say three; each answer takes a while, so that a fourth file would be seen
    server.otherwise(
        (exchange, request) -> {
          try {
            Thread.sleep(200);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          ScriptedServer.json("{}").to(exchange, request);
        });
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
      VerifiedUpload upload = proxied(connection).uploadVerified(files("_SUCCESS", "a"), "m");
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
}
