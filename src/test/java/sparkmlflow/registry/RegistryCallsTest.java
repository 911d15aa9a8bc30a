package sparkmlflow.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;

/** What travels to a registry and how its answers are read, failures included. */
class RegistryCallsTest {

  private final ScriptedServer server = ScriptedServer.start();
  private final MlflowConnection connection =
      MlflowConnection.open(TestSettings.withToken(server.uri()), pause -> {});
  private final RegistryCalls registry = connection.registry();

  @AfterEach
  void stop() {
    connection.close();
    server.close();
  }

  private List<String> sent() {
    return server.requests().stream()
        .map(
            request ->
                request.method()
                    + " "
                    + request.path().replace("/api/2.0/mlflow/", "")
                    + " "
                    + request.body())
        .toList();
  }

  @Test
  void aVersionIsReadWithAllThatIsKnownOfIt() {
    server.on(
        "GET",
        "model-versions/get",
        ScriptedServer.json(
            """
            {"model_version": {"name": "wine", "version": "3", "status": "READY",
              "creation_timestamp": 1700000000000, "current_stage": "Staging", "run_id": "r1",
              "source": "mlflow-artifacts:/7/r1/artifacts/model", "description": "# Wine",
              "aliases": ["challenger"], "tags": [{"key": "gate", "value": "rejected"}, {"key": "x", "value": " "}]}}
            """));
    ModelVersion version = registry.version("wine", "3");
    assertThat(version)
        .isEqualTo(
            new ModelVersion(
                "wine",
                "3",
                ModelVersion.Status.READY,
                "",
                List.of("challenger"),
                "Staging",
                "mlflow-artifacts:/7/r1/artifacts/model",
                "r1",
                "# Wine",
                Map.of("gate", "rejected", "x", " "),
                Instant.ofEpochMilli(1700000000000L)));
    assertThat(version.number()).isEqualTo(3);
    assertThat(version.tag("gate")).hasValue("rejected");
    assertThat(version.tag("x")).isEmpty();
  }

  private static String version(String number) {
    return """
    {"name": "wine", "version": "%s", "status": "READY", "creation_timestamp": 1700000000000}\
    """
        .formatted(number);
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "version", "status", "creation_timestamp"})
  void aVersionThatLacksWhatItMustHaveIsAFailure(String field) {
    server.on(
        "GET",
        "model-versions/get",
        ScriptedServer.json(
            "{\"model_version\": %s}".formatted(version("3").replace(field, "other"))));
    assertThatThrownBy(() -> registry.version("wine", "3"))
        .isInstanceOf(MlflowException.class)
        .hasMessageStartingWith(
            "Could not look up version 3 of wine: the server's answer lacks the field \""
                + field
                + "\"");
  }

  @Test
  void anAliasWithoutItsVersionIsAFailure() {
    server.on(
        "GET",
        "registered-models/get",
        ScriptedServer.json(
            "{\"registered_model\": {\"name\": \"wine\", \"aliases\": [{\"alias\":"
                + " \"champion\"}]}}"));
    assertThatThrownBy(() -> registry.model("wine"))
        .hasMessageStartingWith(
            "Could not look up registered model wine: the server's answer lacks the field"
                + " \"version\"");
  }

  @Test
  void versionsComeFromAllPagesAndTheNewestIsFirstByNumber() {
    server.on(
        "GET",
        "model-versions/search",
        ScriptedServer.json(
            "{\"model_versions\": [%s, %s], \"next_page_token\": \"t=1\"}"
                .formatted(version("9"), version("10"))),
        ScriptedServer.json("{\"model_versions\": [%s]}".formatted(version("2"))));
    assertThat(registry.versions("o'wine").stream().map(ModelVersion::version))
        .containsExactly("10", "9", "2");
    assertThat(server.requests().get(0).query()).contains("filter=name%20%3D%20%22o%27wine%22");
    assertThat(server.requests().get(1).query()).contains("page_token=t%3D1");
  }

  @Test
  void aModelThatTheLoginMayNotSeeIsCreatedIfThereIsNone() {
    server.on(
        "GET",
        "registered-models/get",
        ScriptedServer.error(403, "PERMISSION_DENIED", "Permission denied"));
    server.on(
        "POST",
        "registered-models/create",
        ScriptedServer.json("{}"),
        ScriptedServer.error(400, "RESOURCE_ALREADY_EXISTS", "somebody else's"));
    registry.ensureModel("wine");
    assertThatThrownBy(() -> registry.ensureModel("wine"))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("look up registered model wine")
        .hasMessageContaining("answered 403");
  }

  @Test
  void whatIsNotThereIsEmptyAndWhatIsRefusedIsAFailure() {
    server.on(
        "GET",
        "model-versions/get",
        ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "none"),
        ScriptedServer.error(403, "PERMISSION_DENIED", "no"));
    server.on(
        "GET",
        "registered-models/get",
        ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "none"),
        ScriptedServer.html(404));
    assertThat(registry.find("wine", "3")).isEmpty();
    assertThatThrownBy(() -> registry.find("wine", "3"))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("look up version 3 of wine")
        .hasMessageContaining("PERMISSION_DENIED");
    assertThat(registry.model("wine")).isEmpty();
    assertThatThrownBy(() -> registry.model("wine"))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("No MLflow API answers at this address")
        .hasMessageContaining("Before MLflow 3.12, a server has its API outside of");
  }

  @Test
  void aModelIsReadWithItsAliasesAndTags() {
    server.on(
        "GET",
        "registered-models/get",
        ScriptedServer.json(
            """
            {"registered_model": {"name": "wine", "tags": [{"key": "previous", "value": "2"}],
              "aliases": [{"alias": "champion", "version": "3"}, {"alias": "b", "version": "12"}]}}\
            """));
    assertThat(registry.model("wine"))
        .hasValue(new RegisteredModel(Map.of("champion", "3", "b", "12"), Map.of("previous", "2")));
  }

  @Test
  void everyChangeIsSentAsTheServerWantsIt() {
    server.otherwise(ScriptedServer.json("{}"));
    registry.setAlias("wine", "champion", "3");
    registry.deleteAlias("wine", "champion");
    registry.setTags("wine", "3", new TreeMap<>(Map.of("a", "1", "b", "ü")));
    registry.setModelTag("wine", "previous", "2");
    registry.deleteModelTag("wine", "previous");
    registry.describe("wine", "3", "# Wine");
    registry.moveToStage("wine", "3", "Production");
    registry.moveToStage("wine", "3", "Archived");
    registry.delete("wine", "3");
    assertThat(sent())
        .containsExactly(
            "POST registered-models/alias"
                + " {\"name\":\"wine\",\"alias\":\"champion\",\"version\":\"3\"}",
            "DELETE registered-models/alias {\"name\":\"wine\",\"alias\":\"champion\"}",
            "POST model-versions/set-tag"
                + " {\"name\":\"wine\",\"version\":\"3\",\"key\":\"a\",\"value\":\"1\"}",
            "POST model-versions/set-tag"
                + " {\"name\":\"wine\",\"version\":\"3\",\"key\":\"b\",\"value\":\"ü\"}",
            "POST registered-models/set-tag"
                + " {\"name\":\"wine\",\"key\":\"previous\",\"value\":\"2\"}",
            "DELETE registered-models/delete-tag {\"name\":\"wine\",\"key\":\"previous\"}",
            "PATCH model-versions/update {\"name\":\"wine\",\"version\":\"3\",\"description\":\"#"
                + " Wine\"}",
            "POST model-versions/transition-stage"
                + " {\"name\":\"wine\",\"version\":\"3\",\"stage\":\"Production\",\"archive_existing_versions\":true}",
            "POST model-versions/transition-stage"
                + " {\"name\":\"wine\",\"version\":\"3\",\"stage\":\"Archived\",\"archive_existing_versions\":false}",
            "DELETE model-versions/delete {\"name\":\"wine\",\"version\":\"3\"}");
    assertThat(server.requests())
        .allSatisfy(
            request ->
                assertThat(request.header("Authorization"))
                    .isEqualTo("Bearer " + TestSettings.TOKEN));
  }

  @Test
  void aDeleteWhoseAnswerWasLostIsDone() {
    server.on(
        "DELETE",
        "model-versions/delete",
        ScriptedServer.reset(),
        ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "no such version"));
    registry.delete("wine", "3");
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void aRefusedChangeSaysWhatWasToBeDone() {
    server.on(
        "PATCH", "model-versions/update", ScriptedServer.error(403, "PERMISSION_DENIED", "no"));
    assertThatThrownBy(() -> registry.describe("wine", "3", "x"))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("describe version 3 of wine")
        .hasMessageContaining("PERMISSION_DENIED");
  }
}
