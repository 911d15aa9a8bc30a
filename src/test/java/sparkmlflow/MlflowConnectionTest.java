package sparkmlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.tracking.Experiment;
import sparkmlflow.tracking.MetricPoint;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import sparkmlflow.tracking.StoredFile;

@Timeout(300) // what is tested here are limits of time: without them a test would not end
class MlflowConnectionTest {

  private static final String RUN =
      """
      {"run": {"info": {"run_id": "r1", "experiment_id": "7", "run_name": "n", "status": "RUNNING",
        "artifact_uri": "mlflow-artifacts:/7/r1/artifacts", "lifecycle_stage": "active"}}}\
      """;
  private static final String FOUND =
      """
      {"runs": [{"info": {"run_id": "r1", "experiment_id": "7", "run_name": "n", "status": "RUNNING",
        "artifact_uri": "mlflow-artifacts:/7/r1/artifacts", "lifecycle_stage": "active"}}]}\
      """;
  private static final String VERSION =
      """
      {"name": "wine", "version": "3", "status": "READY", "creation_timestamp": 1}\
      """;

  private final ScriptedServer server = ScriptedServer.start();
  private final List<Duration> pauses = new ArrayList<>();

  @AfterEach
  void stop() {
    server.close();
  }

  private MlflowConnection open(MlflowSettings settings) {
    return MlflowConnection.open(settings, pauses::add);
  }

  private MlflowConnection open() {
    return open(TestSettings.of(server.uri()));
  }

  private static Run createRun(MlflowConnection connection) {
    return connection.tracking().createRun("7", "n", Instant.EPOCH, "key-1", Map.of("a", "b"));
  }

  private static MlflowException failureOf(Runnable call) {
    MlflowException failure = catchThrowableOfType(MlflowException.class, call::run);
    assertThat(failure).isNotNull();
    return failure;
  }

  private static String everythingAbout(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504, 507, 520, 524, 529})
  void aPassingFailureIsRepeated(int status) {
    server.on(
        "POST",
        "runs/log-inputs",
        ScriptedServer.error(status, "TEMPORARY", "later"),
        ScriptedServer.json("{}"));
    try (MlflowConnection connection = open()) {
      connection.tracking().logInputs("r1", List.of());
    }
    assertThat(server.requests("runs/log-inputs")).hasSize(2);
    assertThat(pauses).hasSize(1);
  }

  @Test
  void anAliasThatAnotherGaveAtTheSameMomentIsAskedForOnceMore() {
    ScriptedServer.Reply raced =
        ScriptedServer.error(400, "BAD_REQUEST", "(sqlite3.IntegrityError) UNIQUE constraint");
    server.on("POST", "registered-models/alias", raced, ScriptedServer.json("{}"));
    try (MlflowConnection connection = open()) {
      connection.registry().setAlias("wine", "previous", "1");
    }
    assertThat(server.requests("registered-models/alias"))
        .hasSize(2)
        .allSatisfy(request -> assertThat(request.body()).contains("\"previous\"", "\"1\""));
    server.on("POST", "registered-models/alias", raced, raced);
    try (MlflowConnection connection = open()) {
      assertThat(failureOf(() -> connection.registry().setAlias("wine", "previous", "1")))
          .hasMessageContaining("UNIQUE constraint");
    }
    assertThat(server.requests("registered-models/alias")).hasSize(4);
  }

  @Test
  void aBrokenConnectionIsRepeated() {
    server.on("POST", "runs/log-inputs", ScriptedServer.reset(), ScriptedServer.json("{}"));
    try (MlflowConnection connection = open()) {
      connection.tracking().logInputs("r1", List.of());
    }
    assertThat(server.requests("runs/log-inputs")).hasSize(2);
  }

  @Test
  void theServersRetryAfterIsHeard() {
    server.on(
        "POST",
        "runs/log-inputs",
        ScriptedServer.text(503, "text/plain", "", Map.of("Retry-After", "17")),
        ScriptedServer.json("{}"));
    try (MlflowConnection connection = open()) {
      connection.tracking().logInputs("r1", List.of());
    }
    assertThat(pauses).containsExactly(Duration.ofSeconds(17));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 409, 413, 501, 505, 600})
  void aRefusalIsNotRepeated(int status) {
    server.on("POST", "runs/log-inputs", ScriptedServer.error(status, "SOME_CODE", "no"));
    try (MlflowConnection connection = open()) {
      MlflowException failure = failureOf(() -> connection.tracking().logInputs("r1", List.of()));
      assertThat(failure.status()).hasValue(status);
      assertThat(failure.errorCode()).contains("SOME_CODE");
      assertThat(failure).hasMessageStartingWith("Could not log the data sets of run r1: ");
      assertThat(failure)
          .hasMessageStartingWith(
              "Could not log the data sets of run r1: POST %s/api/2.0/mlflow/runs/log-inputs answered %d with SOME_CODE: no."
                  .formatted(server.uri(), status));
    }
    assertThat(server.requests("runs/log-inputs")).hasSize(1);
  }

  @Test
  void attemptsAreBoundedAndCounted() {
    server.on("POST", "runs/log-inputs", ScriptedServer.error(503, "BUSY", "later"));
    try (MlflowConnection connection = open()) {
      assertThat(failureOf(() -> connection.tracking().logInputs("r1", List.of())))
          .hasMessageEndingWith("(3 attempts)");
    }
    assertThat(server.requests("runs/log-inputs")).hasSize(3);
  }

  @Test
  void anHtmlPageIsNeverReadAsJson() {
    try (MlflowConnection connection = open()) {
      MlflowException failure = failureOf(() -> connection.tracking().logInputs("r1", List.of()));
      assertThat(failure.errorCode()).isEmpty();
      assertThat(failure)
          .hasMessageContaining("answered 404 with an HTML page instead of JSON")
          .hasMessageContaining("check the tracking URI and its path prefix")
          .hasMessageNotContaining("<");
    }
  }

  @Test
  void aLoginPageWithStatus200IsNoSuccess() {
    server.otherwise(ScriptedServer.html(200));
    try (MlflowConnection connection = open()) {
      assertThat(failureOf(() -> connection.tracking().logInputs("r1", List.of())))
          .hasMessageContaining("answered 200 with an HTML page instead of JSON")
          .hasMessageContaining("login page");
    }
  }

  @Test
  void anAnswerThatIsNoJsonObjectIsNoSuccess() {
    for (String body : List.of("", "[]", "\"OK\"", "{\"a\":")) {
      server.otherwise(ScriptedServer.json(body));
      try (MlflowConnection connection = open()) {
        assertThat(failureOf(() -> connection.tracking().logInputs("r1", List.of())))
            .hasMessageContaining("answered 200 with \"" + body + "\" instead of JSON");
      }
    }
  }

  @Test
  void redirectsAreNamedAndNotFollowed() {
    server.otherwise(
        ScriptedServer.text(
            302, "text/plain", "", Map.of("Location", "https://login.example/?state=abc")));
    try (MlflowConnection connection = open(TestSettings.withToken(server.uri()))) {
      assertThat(failureOf(() -> connection.tracking().logInputs("r1", List.of())))
          .hasMessageContaining("It points to https://login.example/;")
          .hasMessageNotContaining("state=abc");
    }
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aMissingLoginSaysHowToLogIn() {
    server.otherwise(
        ScriptedServer.text(401, "text/plain", "You are not authenticated.", Map.of()));
    try (MlflowConnection connection = open()) {
      assertThat(failureOf(() -> createRun(connection)))
          .hasMessageContaining("answered 401 with You are not authenticated.")
          .hasMessageContaining("MLFLOW_TRACKING_USERNAME")
          .hasMessageContaining("MLFLOW_TRACKING_TOKEN");
    }
  }

  @Test
  void aRefusalSaysWhetherALoginWasSentAndWhetherTheNameWasRefused() {
    server.otherwise(ScriptedServer.error(403, "PERMISSION_DENIED", "no"));
    try (MlflowConnection connection = open()) {
      assertThat(failureOf(() -> createRun(connection))).hasMessageContaining("No login was sent");
    }
    try (MlflowConnection connection = open(TestSettings.withToken(server.uri()))) {
      assertThat(failureOf(() -> createRun(connection)))
          .hasMessageContaining("The login may not do this");
    }
    server.otherwise(
        ScriptedServer.text(
            403,
            "text/plain",
            "Invalid Host header - possible DNS rebinding attack detected",
            Map.of()));
    try (MlflowConnection connection = open()) {
      assertThat(failureOf(() -> createRun(connection)))
          .hasMessageContaining("does not accept this host name")
          .hasMessageNotContaining("login");
    }
  }

  @Test
  void aServerThatIsDownSaysHowToStartOne() {
    URI gone = server.uri();
    server.close();
    try (MlflowConnection connection = open(TestSettings.of(gone))) {
      for (Runnable call :
          List.<Runnable>of(() -> createRun(connection), () -> connection.tracking().run("r1"))) {
        MlflowException failure = failureOf(call);
        assertThat(failure)
            .hasMessageContaining("no connection to " + gone.getAuthority())
            .hasMessageContaining("`mlflow server` starts one")
            .hasMessageEndingWith("(3 attempts)");
        assertThat(failure.status()).isEmpty();
      }
    }
  }

  @Test
  void anUnknownHostIsNamed() {
    try (MlflowConnection connection =
        open(TestSettings.of(URI.create("http://no-such-host.invalid:5000")))) {
      assertThat(failureOf(() -> createRun(connection)))
          .hasMessageContaining("the host name of no-such-host.invalid:5000 is not known");
    }
  }

  @Test
  void aSilentServerIsGivenUp() {
    server.otherwise(server.silence());
    try (MlflowConnection connection =
        open(TestSettings.waiting(server.uri(), Duration.ofMillis(300)))) {
      for (Runnable call :
          List.<Runnable>of(
              () -> connection.tracking().logInputs("r1", List.of()),
              () -> connection.tracking().run("r1"))) {
        assertThat(failureOf(call))
            .hasMessageContaining("gave no complete answer within 300 ms (request timeout)");
      }
    }
  }

  @Test
  void anAnswerThatStopsHalfWayIsGivenUp() {
    server.otherwise(server.silenceAfterHeaders());
    try (MlflowConnection connection =
        open(TestSettings.waiting(server.uri(), Duration.ofMillis(300)))) {
      for (Runnable call :
          List.<Runnable>of(
              () -> connection.tracking().logInputs("r1", List.of()),
              () -> connection.tracking().run("r1"))) {
        assertThat(failureOf(call)).hasMessageContaining("gave no complete answer within 300 ms");
      }
    }
  }

  @Test
  void theClientIsUsableAgainAfterSilences() {
    server.on("GET", "runs/get", server.silence(), server.silence(), ScriptedServer.json(RUN));
    // long enough for the third call on a busy machine
    MlflowSettings settings = TestSettings.waiting(server.uri(), Duration.ofSeconds(3));
    try (MlflowConnection connection = open(settings)) {
      failureOf(() -> connection.tracking().run("r1"));
      failureOf(() -> connection.tracking().run("r1"));
      assertThat(connection.tracking().run("r1").id()).isEqualTo("r1");
    }
  }

  @Test
  void aTokenIsSent() {
    server.on("POST", "runs/create", ScriptedServer.json(RUN));
    server.on("GET", "runs/get", ScriptedServer.json(RUN));
    try (MlflowConnection connection = open(TestSettings.withToken(server.uri()))) {
      createRun(connection);
      connection.tracking().run("r1");
    }
    assertThat(server.requests())
        .hasSize(2)
        .allSatisfy(
            request ->
                assertThat(request.header("Authorization"))
                    .isEqualTo("Bearer " + TestSettings.TOKEN));
  }

  @Test
  void userAndPasswordAreSent() {
    String pair = "ada:" + TestSettings.PASSWORD;
    String expected =
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    server.on("POST", "runs/create", ScriptedServer.json(RUN));
    server.on("GET", "runs/get", ScriptedServer.json(RUN));
    try (MlflowConnection connection = open(TestSettings.withPassword(server.uri()))) {
      createRun(connection);
      connection.tracking().run("r1");
    }
    assertThat(server.requests())
        .hasSize(2)
        .allSatisfy(request -> assertThat(request.header("Authorization")).isEqualTo(expected));
  }

  @Test
  void nobodyIsSentWhenNobodyIsSet() {
    server.on("POST", "runs/create", ScriptedServer.json(RUN));
    try (MlflowConnection connection = open()) {
      createRun(connection);
    }
    assertThat(server.requests().get(0).header("Authorization")).isEmpty();
  }

  @Test
  void noSecretIsInAnythingAFailureSaysOrTheLogHolds() {
    LogLines log = LogLines.record();
    // a server that echoes every request, in JSON and in plain text
    ScriptedServer.Reply echo =
        (exchange, request) ->
            ScriptedServer.error(
                    400, "BAD_" + TestSettings.TOKEN, "you sent " + request.header("Authorization"))
                .to(exchange, request);
    ScriptedServer.Reply plain =
        (exchange, request) ->
            ScriptedServer.text(
                    500, "text/plain", request.headers() + TestSettings.PASSWORD, Map.of())
                .to(exchange, request);
    for (MlflowSettings settings :
        List.of(TestSettings.withToken(server.uri()), TestSettings.withPassword(server.uri()))) {
      for (ScriptedServer.Reply reply : List.of(echo, plain)) {
        server.otherwise(reply);
        try (MlflowConnection connection = open(settings)) {
          String basic =
              settings
                  .login()
                  .credentials()
                  .authorization()
                  .orElseThrow()
                  .replaceAll("^[A-Za-z]+ ", "");
          for (Runnable call :
              List.<Runnable>of(
                  () -> createRun(connection),
                  () -> connection.tracking().run("r1"),
                  () -> connection.registry().ensureModel("wine"))) {
            MlflowException failure = failureOf(call);
            assertThat(everythingAbout(failure)).contains("****").doesNotContain(basic);
            assertThat(failure.errorCode().orElse("")).doesNotContain(basic);
            if (!settings.login().password().isEmpty()) {
              assertThat(everythingAbout(failure)).doesNotContain(TestSettings.PASSWORD);
            }
          }
        }
      }
    }
    log.end();
    assertThat(log.recorded())
        .anySatisfy(line -> assertThat(line).contains("****"))
        .noneMatch(line -> line.contains(TestSettings.TOKEN))
        .noneMatch(line -> line.matches("(?s).*Basic [A-Za-z0-9].*"));
  }

  @Test
  void aSecretThatIsCutOrHoldsBlanksIsMaskedBeforeTheTextIsShortened() {
    String password = "two  blanks and more";
    MlflowSettings settings =
        TestSettings.once(server.uri(), "", new Login("ada", password, "", ""));
    for (String before : List.of("", "x".repeat(495), "x".repeat(490))) {
      for (ScriptedServer.Reply reply :
          List.of(
              ScriptedServer.text(400, "text/plain", before + password, Map.of()),
              ScriptedServer.text(200, "text/plain", before + password, Map.of()),
              ScriptedServer.error(400, "BAD", before + password))) {
        server.otherwise(reply);
        try (MlflowConnection connection = open(settings)) {
          MlflowException failure =
              failureOf(() -> connection.tracking().logInputs("r1", List.of()));
          assertThat(failure.getMessage()).contains("**").doesNotContain("two", "blanks");
        }
      }
    }
  }

  @Test
  void aRunThatWasCreatedWithoutAnAnswerIsFoundByItsKey() {
    server.on("POST", "runs/create", ScriptedServer.reset(), ScriptedServer.json(RUN));
    server.on("POST", "runs/search", ScriptedServer.json(FOUND));
    try (MlflowConnection connection = open()) {
      assertThat(createRun(connection).id()).isEqualTo("r1");
    }
    assertThat(server.requests("runs/create")).hasSize(1);
    assertThat(server.requests("runs/create").get(0).body())
        .contains("{\"key\":\"winequality.run-key\",\"value\":\"key-1\"}");
    assertThat(server.requests("runs/search").get(0).body())
        .contains("tags.`winequality.run-key` = 'key-1'");
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 500, 502, 503, 504, 529})
  void aRunIsCreatedAgainOnlyAfterALookForIt(int status) {
    server.on(
        "POST",
        "runs/create",
        ScriptedServer.error(status, "TEMPORARY", "who knows"),
        ScriptedServer.json(RUN));
    server.on("POST", "runs/search", ScriptedServer.json("{}"));
    try (MlflowConnection connection = open()) {
      assertThat(createRun(connection).id()).isEqualTo("r1");
    }
    assertThat(server.requests().stream().map(r -> r.path().replaceAll(".*/mlflow/", "")))
        .containsExactly("runs/create", "runs/search", "runs/create");
  }

  @Test
  void anExperimentThatSomebodyElseMadeMeanwhileIsTaken() {
    server.on(
        "POST",
        "experiments/create",
        ScriptedServer.error(400, "RESOURCE_ALREADY_EXISTS", "exists"));
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.json(
            "{\"experiment\": {\"experiment_id\": \"9\", \"name\": \"wine\", \"lifecycle_stage\":"
                + " \"active\"}}"));
    try (MlflowConnection connection = open()) {
      assertThat(connection.tracking().createExperiment("wine"))
          .isEqualTo(new Experiment("9", "wine", false));
    }
  }

  @Test
  void anExperimentThatIsNotThereIsAskedForOnce() {
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "none"));
    try (MlflowConnection connection = open()) {
      assertThat(connection.tracking().experimentNamed("wine & rosé")).isEmpty();
    }
    assertThat(server.requests()).hasSize(1);
    assertThat(server.requests().get(0).query())
        .isEqualTo("experiment_name=wine%20%26%20ros%C3%A9");
  }

  @Test
  void aRegisteredModelThatExistsIsNotCreated() {
    // a user may add versions without the right to create models
    server.on(
        "POST", "registered-models/create", ScriptedServer.error(403, "PERMISSION_DENIED", "no"));
    server.on(
        "GET",
        "registered-models/get",
        ScriptedServer.json("{\"registered_model\": {\"name\": \"wine\"}}"));
    try (MlflowConnection connection = open()) {
      connection.registry().ensureModel("wine");
    }
    assertThat(server.requests()).extracting(ScriptedServer.Request::method).containsExactly("GET");
  }

  @Test
  void aRegisteredModelThatSomebodyElseMadeMeanwhileIsFine() {
    server.on(
        "GET",
        "registered-models/get",
        ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "none"));
    server.on(
        "POST",
        "registered-models/create",
        ScriptedServer.error(400, "RESOURCE_ALREADY_EXISTS", "exists"));
    try (MlflowConnection connection = open()) {
      connection.registry().ensureModel("wine");
    }
    assertThat(server.requests("registered-models/create")).hasSize(1);
  }

  @Test
  void aModelThatMayNotBeSeenIsARefusal() {
    server.on("GET", "registered-models/get", ScriptedServer.error(403, "PERMISSION_DENIED", "no"));
    try (MlflowConnection connection = open()) {
      assertThat(failureOf(() -> connection.registry().ensureModel("wine")).status()).hasValue(403);
    }
    // it may be one that is not there: some servers say 403 then too
    assertThat(server.requests())
        .extracting(ScriptedServer.Request::path)
        .containsExactly(
            "/api/2.0/mlflow/registered-models/get", "/api/2.0/mlflow/registered-models/create");
  }

  private static String version(String number, String status, String source) {
    return """
    {"name": "wine", "version": "%s", "status": "%s", "run_id": "r1", "source": "%s",
     "creation_timestamp": 1}\
    """
        .formatted(number, status, source);
  }

  @Test
  void theVersionOfAnUploadIsLookedForByNameRunAndFolder() {
    Run run =
        new Run(
            "r1",
            "7",
            "mlflow-artifacts:/7/r1/artifacts",
            RunStatus.RUNNING,
            false,
            Map.of(),
            Map.of(),
            Map.of());
    LocalFiles files = LocalFiles.at(Path.of("pom.xml"));
    VerifiedFolder upload =
        VerifiedFolder.uploaded(
            run, "model", files, List.of(new StoredFile("model/pom.xml", files.bytes())));
    String source = upload.uri();
    server.on(
        "GET",
        "model-versions/search",
        ScriptedServer.json(
            "{\"model_versions\": [%s, %s, %s, %s]}"
                .formatted(
                    version("12", "FAILED_REGISTRATION", source),
                    version("2", "READY", source),
                    version("3", "READY", source + "/"),
                    version("9", "READY", source + "-of-before"))));
    try (MlflowConnection connection = open()) {
      assertThat(connection.registry().versionOf("o'wine", upload).orElseThrow().version())
          .isEqualTo("3");
    }
    assertThat(server.requests().get(0).query())
        .contains("name%20%3D%20%22o%27wine%22%20and%20run_id%20%3D%20%27r1%27");
  }

  @Test
  void aLoggedModelIsNotListedTwice() {
    server.on("POST", "runs/log-model", ScriptedServer.reset(), ScriptedServer.json("{}"));
    server.on(
        "GET",
        "runs/get",
        ScriptedServer.json(
            RUN.replace(
                "}}}",
                "}, \"data\": {\"tags\": [{\"key\": \"mlflow.log-model.history\", \"value\":"
                    + " \"[{'model_uuid': 'uuid-1'}]\"}]}}}")));
    try (MlflowConnection connection = open()) {
      connection.tracking().logModel("r1", "uuid-1", "{}");
      assertThat(server.requests("runs/log-model")).hasSize(1);
    }
  }

  @Test
  void aBatchIsSentAgainWithTheTimesItHad() {
    server.on("POST", "runs/log-batch", ScriptedServer.reset(), ScriptedServer.json("{}"));
    try (MlflowConnection connection = open()) {
      connection
          .tracking()
          .logMetrics("r1", List.of(new MetricPoint("rmse", 0.5, 3, Instant.ofEpochMilli(77))));
    }
    List<ScriptedServer.Request> sent = server.requests("runs/log-batch");
    assertThat(sent).hasSizeGreaterThan(1);
    assertThat(sent).extracting(ScriptedServer.Request::body).containsOnly(sent.get(0).body());
    assertThat(sent.get(0).body()).contains("\"timestamp\":\"77\"");
  }

  @Test
  void theRegistryMayBeAnotherServer() {
    try (ScriptedServer registry = ScriptedServer.start()) {
      registry.on(
          "GET",
          "registered-models/get",
          ScriptedServer.json("{\"registered_model\": {\"name\": \"wine\"}}"));
      registry.on(
          "GET", "model-versions/get", ScriptedServer.json("{\"model_version\": " + VERSION + "}"));
      MlflowSettings settings =
          TestSettings.once(server.uri(), registry.uri().toString(), Login.NONE);
      try (MlflowConnection connection = open(settings)) {
        connection.registry().ensureModel("wine");
        connection.registry().version("wine", "3");
        assertThat(connection.registry().url("wine", "3"))
            .isEqualTo(registry.uri() + "/#/models/wine/versions/3?workflowType=machine_learning");
      }
      assertThat(registry.requests()).hasSize(2);
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void aCreateThatAnswersWithoutAnIdIsAFailure() {
    server.on("POST", "experiments/create", ScriptedServer.json("{}"));
    server.on(
        "POST",
        "runs/create",
        ScriptedServer.json(
            "{\"run\": {\"info\": {\"run_id\": \"r1\", \"experiment_id\": \"7\"}}}"));
    try (MlflowConnection connection = open()) {
      assertThatThrownBy(() -> connection.tracking().createExperiment("wine"))
          .hasMessageStartingWith(
              "Could not create experiment \"wine\": the server's answer lacks the field"
                  + " \"experiment_id\"");
      assertThatThrownBy(
              () ->
                  connection
                      .tracking()
                      .createRun("7", "", java.time.Instant.EPOCH, "key", Map.of()))
          .hasMessageStartingWith(
              "Could not create the run: the server's answer lacks the field \"artifact_uri\"");
    }
  }

  @Test
  void linksLeadToModelTraining() {
    try (MlflowConnection connection = open()) {
      Run run =
          new Run("r1", "7", "s3://b", RunStatus.RUNNING, false, Map.of(), Map.of(), Map.of());
      assertThat(connection.runUrl(run))
          .isEqualTo(server.uri() + "/#/experiments/7/runs/r1?workflowType=machine_learning");
    }
  }
}
