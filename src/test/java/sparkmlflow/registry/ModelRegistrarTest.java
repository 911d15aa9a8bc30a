package sparkmlflow.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import winequality.gate.TestRegistrySettings;

class ModelRegistrarTest {

  private static final Run RUN =
      new Run(
          "r1",
          "7",
          "mlflow-artifacts:/7/r1/artifacts",
          RunStatus.RUNNING,
          false,
          Map.of(),
          Map.of(),
          Map.of());

  private static final String SOURCE = "mlflow-artifacts:/7/r1/artifacts/model";

  private final ScriptedServer server = ScriptedServer.start();
  private final List<Duration> pauses = new ArrayList<>();
  private final Path folder;
  private final MlflowConnection connection =
      MlflowConnection.open(TestSettings.of(server.uri()), pause -> {});

  ModelRegistrarTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @BeforeEach
  void anEmptyRegistry() {
    server.otherwise(ScriptedServer.json("{}"));
    server.on(
        "GET",
        "registered-models/get",
        ScriptedServer.json("{\"registered_model\": {\"name\": \"wine\"}}"));
    server.on("POST", "model-versions/create", version("1", "READY", ""));
    server.on("GET", "model-versions/get", version("1", "READY", "challenger"));
  }

  @AfterEach
  void stop() {
    connection.close();
    server.close();
  }

  private static ScriptedServer.Reply version(String version, String status, String alias) {
    return ScriptedServer.json(
        """
        {"model_version": {"name": "wine", "version": "%s", "status": "%s", "status_message": "because",
          "creation_timestamp": 1,
          "aliases": [%s]}}\
        """
            .formatted(version, status, alias.isEmpty() ? "" : '"' + alias + '"'));
  }

  private static ScriptedServer.Reply found(String version, String source) {
    return ScriptedServer.json(
        """
        {"model_versions": [{"name": "wine", "version": "%s", "status": "READY", "run_id": "r1",
          "creation_timestamp": 1,
          "source": "%s"}]}\
        """
            .formatted(version, source));
  }

  private void earlierVersion(String version) {
    server.on("GET", "model-versions/search", found(version, SOURCE));
  }

  private void aliasAt(String version) {
    server.on(
        "GET",
        "registered-models/get",
        ScriptedServer.json(
            "{\"registered_model\": {\"name\": \"wine\", \"aliases\": [{\"alias\": \"challenger\", \"version\": \"%s\"}]}}"
                .formatted(version)));
  }

  private VerifiedFolder upload(String file) {
    try {
      Files.writeString(folder.resolve(file), "content");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    server.on(
        "GET",
        "artifacts/list",
        ScriptedServer.json(
            "{\"files\": [{\"path\": \"model/%s\", \"file_size\": 7}]}".formatted(file)));
    return connection.artifacts(RUN).uploadVerified(LocalFiles.in(folder, List.of(file)), "model");
  }

  private RegisteredVersion register(VerifiedFolder upload) {
    return new ModelRegistrar(
            connection.registry(), TestRegistrySettings.named("wine"), pauses::add)
        .register(upload, "# Wine", Map.of("rmse", "0.6"));
  }

  private List<String> calls(String method) {
    return server.requests().stream()
        .filter(request -> request.method().equals(method))
        .map(request -> request.path().replace("/api/2.0/mlflow/", ""))
        .toList();
  }

  @Test
  void aNewVersionPointsToTheUploadAndGetsTheAlias() {
    RegisteredVersion version = register(upload("MLmodel"));
    assertThat(version)
        .isEqualTo(
            new RegisteredVersion(
                "wine",
                "1",
                List.of("challenger"),
                server.uri() + "/#/models/wine/versions/1?workflowType=machine_learning"));
    assertThat(calls("POST")).containsExactly("model-versions/create", "registered-models/alias");
    assertThat(server.requests("model-versions/create").get(0).body())
        .isEqualTo(
            "{\"name\":\"wine\",\"source\":\"mlflow-artifacts:/7/r1/artifacts/model\",\"run_id\":\"r1\",\"description\":\"# Wine\",\"tags\":[{\"key\":\"rmse\",\"value\":\"0.6\"},{\"key\":\"files_sha256\",\"value\":\"DIGEST\"}]}"
                .replace("DIGEST", LocalFiles.at(folder).digest()));
    assertThat(server.requests("registered-models/alias").get(0).body())
        .isEqualTo("{\"name\":\"wine\",\"alias\":\"challenger\",\"version\":\"1\"}");
    assertThat(pauses).isEmpty();
  }

  @Test
  void aServerThatRefusesTheLoggedModelGetsTheRunsFolder() {
    server.on(
        "POST",
        "model-versions/create",
        ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", "Invalid model version source"),
        version("1", "READY", ""));
    register(upload("MLmodel").at("models:/m-1"));
    assertThat(server.requests("model-versions/create").stream().map(ScriptedServer.Request::body))
        .satisfiesExactly(
            first -> assertThat(first).contains("\"models:/m-1\"", "\"model_id\":\"m-1\""),
            second -> assertThat(second).contains('"' + SOURCE + '"').doesNotContain("model_id"));
  }

  @Test
  void anUploadWithoutMLmodelIsNoModel() {
    VerifiedFolder upload = upload("notes.txt");
    assertThatThrownBy(() -> register(upload))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds no MLmodel file");
    assertThat(calls("POST")).isEmpty();
  }

  @Test
  void theSameRunGetsTheSameVersion() {
    earlierVersion("1");
    aliasAt("1");
    assertThat(register(upload("MLmodel")).version()).isEqualTo("1");
    assertThat(calls("POST")).isEmpty();
  }

  @Test
  void anotherFolderOfTheSameRunGetsAVersionOfItsOwn() {
    server.on(
        "GET",
        "model-versions/search",
        found("4", "mlflow-artifacts:/7/r1/artifacts/earlier-model"));
    server.on("POST", "model-versions/create", version("5", "READY", ""));
    server.on("GET", "model-versions/get", version("5", "READY", "challenger"));
    assertThat(register(upload("MLmodel")).version()).isEqualTo("5");
    assertThat(server.requests("model-versions/create")).hasSize(1);
  }

  @Test
  void aSlowerJobDoesNotTakeTheAliasFromANewerVersion() {
    // another job made version 2 and pointed the alias to it while this one made version 1
    aliasAt("2");
    assertThat(register(upload("MLmodel")).version()).isEqualTo("1");
    assertThat(server.requests("model-versions/create")).hasSize(1);
    assertThat(server.requests("registered-models/alias")).isEmpty();
  }

  @Test
  void anInterruptedFirstCallIsCompletedByTheSecond() {
    earlierVersion("1");
    register(upload("MLmodel"));
    assertThat(calls("POST")).containsExactly("registered-models/alias");
  }

  @Test
  void anAliasMovesUpAndNeverDownForAVersionThatExisted() {
    earlierVersion("10");
    server.on("GET", "model-versions/get", version("10", "READY", ""));
    aliasAt("9");
    register(upload("MLmodel"));
    assertThat(server.requests("registered-models/alias")).hasSize(1);
    aliasAt("11");
    register(upload("MLmodel"));
    assertThat(server.requests("registered-models/alias")).hasSize(1);
  }

  @Test
  void aPendingVersionIsWaitedFor() {
    server.on("POST", "model-versions/create", version("1", "PENDING_REGISTRATION", ""));
    server.on(
        "GET",
        "model-versions/get",
        version("1", "PENDING_REGISTRATION", ""),
        version("1", "READY", "challenger"));
    assertThat(register(upload("MLmodel")).version()).isEqualTo("1");
    assertThat(pauses).containsExactly(Duration.ofSeconds(3), Duration.ofSeconds(3));
  }

  @Test
  void aVersionThatStaysPendingIsGivenUpWithoutAnAlias() {
    server.on("POST", "model-versions/create", version("1", "PENDING_REGISTRATION", ""));
    server.on("GET", "model-versions/get", version("1", "PENDING_REGISTRATION", ""));
    VerifiedFolder upload = upload("MLmodel");
    assertThatThrownBy(() -> register(upload))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("Version 1 of registered model wine is still pending after 300 s");
    assertThat(pauses).hasSize(100);
    assertThat(server.requests("registered-models/alias")).isEmpty();
  }

  @Test
  void aVersionThatFailedSaysWhyAndGetsNoAlias() {
    server.on("POST", "model-versions/create", version("1", "FAILED_REGISTRATION", ""));
    VerifiedFolder upload = upload("MLmodel");
    assertThatThrownBy(() -> register(upload))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("Version 1 of registered model wine has failed: because.");
    assertThat(server.requests("registered-models/alias")).isEmpty();
  }

  @Test
  void aStopWhileWaitingIsARefusalAndKeepsTheInterrupt() {
    server.on("POST", "model-versions/create", version("1", "PENDING_REGISTRATION", ""));
    VerifiedFolder upload = upload("MLmodel");
    ModelRegistrar stopped =
        new ModelRegistrar(
            connection.registry(),
            TestRegistrySettings.named("wine"),
            pause -> {
              throw new InterruptedException();
            });
    assertThatThrownBy(() -> stopped.register(upload, "", Map.of()))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("Interrupted while waiting for version 1 of wine");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aVersionCreatedWithoutAnAnswerIsTaken() {
    server.on("GET", "model-versions/search", ScriptedServer.json("{}"), found("1", SOURCE));
    server.on("POST", "model-versions/create", ScriptedServer.reset());
    assertThat(register(upload("MLmodel")).version()).isEqualTo("1");
    assertThat(server.requests("model-versions/create")).hasSize(1);
    assertThat(server.requests("registered-models/alias")).hasSize(1);
  }
}
