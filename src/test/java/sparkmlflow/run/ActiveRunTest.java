package sparkmlflow.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.tracking.TagValues;

class ActiveRunTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
  private static final RunOrigin ORIGIN =
      new RunOrigin("ada", "job", SourceType.JOB, Map.of("own", "tag"));

  private final ScriptedServer server = ScriptedServer.start();
  private final Exit exit = new Exit();
  private final MlflowConnection connection =
      MlflowConnection.open(TestSettings.withToken(server.uri()), pause -> {});

  private final MlflowConnection adopting =
      MlflowConnection.open(TestSettings.adopting(server.uri(), "r9"), pause -> {});

  /** The hooks that wait for the end of the JVM; {@link #now()} is that end. */
  private static final class Exit implements JvmExit {
    final List<Thread> hooks = new ArrayList<>();

    @Override
    public void register(Thread hook) {
      hooks.add(hook);
    }

    @Override
    public void unregister(Thread hook) {
      hooks.remove(hook);
    }

    void now() throws InterruptedException {
      List<Thread> all = List.copyOf(hooks);
      all.forEach(Thread::start);
      for (Thread hook : all) {
        hook.join();
      }
    }
  }

  ActiveRunTest() {
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.json(
            "{\"experiment\": {\"experiment_id\": \"7\", \"name\": \"wine\", \"lifecycle_stage\":"
                + " \"active\"}}"));
    server.on("POST", "runs/create", ScriptedServer.json(run("mlflow-artifacts:/7/r1/artifacts")));
    for (String call : List.of("runs/update", "runs/log-batch", "runs/log-inputs")) {
      server.on("POST", call, ScriptedServer.json("{}"));
    }
  }

  @AfterEach
  void stop() {
    connection.close();
    adopting.close();
    server.close();
  }

  private static String run(String artifactUri) {
    return """
    {"run": {"info": {"run_id": "r1", "experiment_id": "7", "run_name": "n", "status": "RUNNING",
      "artifact_uri": "%s", "lifecycle_stage": "active"}}}\
    """
        .formatted(artifactUri);
  }

  private RunTracker tracker() {
    return new RunTracker(connection, CLOCK, exit, Optional.empty());
  }

  private ActiveRun open() {
    return tracker().open(ORIGIN);
  }

  private List<String> endings() {
    return server.requests("runs/update").stream()
        .map(request -> request.body().replaceAll("(?s).*\"status\": ?\"([A-Z]+)\".*", "$1"))
        .toList();
  }

  private String lastBatch() {
    List<ScriptedServer.Request> batches = server.requests("runs/log-batch");
    return batches.get(batches.size() - 1).body();
  }

  @Test
  void aFinishedRunIsFinishedOnceAndItsHookIsGone() throws InterruptedException {
    try (ActiveRun run = open()) {
      assertThat(exit.hooks).hasSize(1);
      run.finish();
      assertThat(exit.hooks).isEmpty();
    }
    exit.now();
    assertThat(endings()).containsExactly("FINISHED");
    assertThat(server.requests("runs/update").get(0).body())
        .contains("\"end_time\":\"" + CLOCK.millis() + "\"");
  }

  @Test
  void aRunThatIsOnlyClosedHasFailed() {
    open().close();
    assertThat(endings()).containsExactly("FAILED");
    assertThat(lastBatch()).contains("winequality.error").contains("without finishing it");
    assertThat(exit.hooks).isEmpty();
  }

  @Test
  void theReasonIsOneLineWithoutSecrets() {
    ActiveRun run = open();
    run.fail(new IOException("sent " + TestSettings.TOKEN + " to host\nsecond line"));
    assertThat(endings()).containsExactly("FAILED");
    assertThat(lastBatch())
        .contains("IOException: sent **** to host")
        .doesNotContain("second line", TestSettings.TOKEN);
  }

  @Test
  void theFirstEndCounts() {
    ActiveRun failed = open();
    failed.fail(new IOException("no"));
    assertThatThrownBy(failed::finish)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Run r1 has ended");
    assertThatThrownBy(() -> failed.params(Map.of("a", "b")))
        .isInstanceOf(IllegalStateException.class);
    assertThat(endings()).containsExactly("FAILED");
  }

  @Test
  void theEndOfTheJvmFailsAnOpenRun() throws InterruptedException {
    ActiveRun run = open();
    exit.now();
    assertThat(endings()).containsExactly("FAILED");
    assertThat(lastBatch()).contains("SIGTERM");
    assertThatThrownBy(run::finish).isInstanceOf(IllegalStateException.class);
    assertThat(endings()).containsExactly("FAILED");
  }

  @Test
  void theEndOfTheJvmLetsAFinishInProgressArrive() throws InterruptedException {
    List<Thread> hooks = new ArrayList<>();
    server.on(
        "POST",
        "runs/update",
        (exchange, request) -> {
          // the JVM ends while the server works on FINISHED
          hooks.addAll(exit.hooks);
          hooks.forEach(Thread::start);
          ScriptedServer.json("{}").to(exchange, request);
        });
    open().finish();
    assertThat(hooks).hasSize(1);
    for (Thread hook : hooks) {
      hook.join();
    }
    assertThat(endings()).containsExactly("FINISHED");
  }

  @Test
  void aFinishThatDidNotArriveLeavesARunThatCanFail() {
    server.on(
        "POST",
        "runs/update",
        ScriptedServer.error(400, "INVALID_STATE", "no"),
        ScriptedServer.json("{}"));
    assertThatThrownBy(
            () -> {
              try (ActiveRun run = open()) {
                run.finish();
              }
            })
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("end run r1");
    assertThat(endings()).containsExactly("FINISHED", "FAILED");
    assertThat(exit.hooks).isEmpty();
  }

  @Test
  void aServerThatIsGoneDoesNotHideTheReason() {
    RunTracker tracker = tracker();
    assertThatThrownBy(
            () ->
                tracker.during(
                    ORIGIN,
                    run -> {
                      server.close();
                      throw new IOException("the real reason");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("the real reason");
    assertThat(endings()).isEmpty(); // RUNNING, as it was created
    assertThat(exit.hooks).isEmpty();
  }

  @Test
  void aConnectionThatIsClosedTooEarlyHidesNoReasonEither() {
    ActiveRun run = open();
    connection.close();
    run.fail(new IOException("the real reason"));
    assertThat(endings()).isEmpty();
    assertThat(exit.hooks).isEmpty();
  }

  @Test
  void aCancelledJobEndsItsRunAndStaysInterrupted() {
    ActiveRun run = open();
    Thread.currentThread().interrupt();
    run.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(endings()).containsExactly("FAILED");
  }

  @Test
  void aRunWhoseFilesCannotBeStoredFailsBeforeAnyWork() {
    server.on("POST", "runs/create", ScriptedServer.json(run("s3://bucket/7/r1/artifacts")));
    assertThatThrownBy(this::open).isInstanceOf(MlflowException.class);
    assertThat(endings()).containsExactly("FAILED");
    assertThat(exit.hooks).isEmpty();
  }

  @Test
  void aRunThatIsMadeWhileTheJvmEndsIsEnded() {
    JvmExit ending =
        new JvmExit() {
          private boolean started;

          @Override
          public void register(Thread hook) {
            if (started) {
              throw new IllegalStateException("Shutdown in progress");
            }
            started = true;
          }

          @Override
          public void unregister(Thread hook) {}
        };
    RunTracker tracker = new RunTracker(connection, CLOCK, ending, Optional.empty());
    assertThatThrownBy(() -> tracker.open(ORIGIN)).hasMessage("Shutdown in progress");
    assertThat(endings()).containsExactly("FAILED");
  }

  private RunTracker adopting() {
    return new RunTracker(adopting, CLOCK, exit, Optional.empty());
  }

  private static String adoptable(String stage) {
    return """
    {"run": {"info": {"run_id": "r9", "experiment_id": "7", "run_name": "n", "status": "FINISHED",
      "artifact_uri": "mlflow-artifacts:/7/r9/artifacts", "lifecycle_stage": "%s"},
      "data": {"params": [{"key": "alpha", "value": "0.50"}]}}}\
    """
        .formatted(stage);
  }

  @Test
  void anExperimentInTheTrashIsARefusalOfTheServer() {
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.json(
            "{\"experiment\": {\"experiment_id\": \"7\", \"name\": \"wine\", \"lifecycle_stage\":"
                + " \"deleted\"}}"));
    assertThatThrownBy(this::open)
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("is deleted, and its name stays taken");
    assertThat(server.requests("runs/create")).isEmpty();
  }

  @Test
  void anAdoptedRunInTheTrashIsARefusalOfTheServer() {
    server.on("GET", "runs/get", ScriptedServer.json(adoptable("deleted")));
    assertThatThrownBy(() -> adopting().open(ORIGIN))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("Run r9 is deleted");
    assertThat(server.requests("runs/update")).isEmpty();
  }

  @Test
  void anAdoptedRunWithAnotherValueOfAParamIsARefusalOfTheServer() {
    server.on("GET", "runs/get", ScriptedServer.json(adoptable("active")));
    try (ActiveRun run = adopting().open(ORIGIN)) {
      run.params(Map.of("alpha", "0.5"));
      assertThatThrownBy(() -> run.params(Map.of("alpha", "0.7")))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("param alpha of run r9 is 0.50 already and cannot become 0.7");
    }
  }

  private static String otherRun(String id, String status) {
    return """
    {"info": {"run_id": "%s", "experiment_id": "7", "run_name": "n", "status": "%s",
      "artifact_uri": "mlflow-artifacts:/7/%s/artifacts", "lifecycle_stage": "active"}}\
    """
        .formatted(id, status, id);
  }

  @Test
  void aTwinThatASlowServerMadeLaterIsEndedWithTheRun() {
    server.on(
        "POST",
        "runs/create",
        ScriptedServer.error(504, "TIMEOUT", "slow"),
        ScriptedServer.json(run("mlflow-artifacts:/7/r1/artifacts")));
    server.on(
        "POST",
        "runs/search",
        ScriptedServer.json("{}"),
        ScriptedServer.json(
            "{\"runs\": [%s, %s, %s]}"
                .formatted(
                    otherRun("r2", "RUNNING"),
                    otherRun("r1", "FINISHED"),
                    otherRun("r3", "FAILED"))));
    try (ActiveRun run = open()) {
      run.finish();
    }
    assertThat(server.requests("runs/create")).hasSize(2);
    assertThat(endings()).containsExactly("FINISHED", "FAILED");
    assertThat(server.requests("runs/update").get(1).body()).contains("\"r2\"");
    assertThat(lastBatch()).contains("\"r2\"", "winequality.error", "duplicate of run r1");
  }

  @Test
  void aTwinIsLookedForWhenTheRunFailsTooAndHidesNothing() {
    server.on(
        "POST",
        "runs/create",
        ScriptedServer.error(504, "TIMEOUT", "slow"),
        ScriptedServer.json(run("mlflow-artifacts:/7/r1/artifacts")));
    server.on(
        "POST",
        "runs/search",
        ScriptedServer.json("{}"),
        ScriptedServer.error(400, "BAD_REQUEST", "no"));
    open().close();
    assertThat(endings()).containsExactly("FAILED");
    assertThat(server.requests("runs/search")).hasSizeGreaterThan(1);
  }

  @Test
  void aNewRunSaysUntilWhenItsJobIsAlive() {
    open().close();
    assertThat(server.requests("runs/create").get(0).body())
        .contains("{\"key\":\"winequality.alive_until\",\"value\":\"2026-03-01T12:10:00Z\"}");
  }

  @Test
  void aRunOfADeadJobIsEndedWithItsChildrenAndNoOther() {
    String alive = "winequality.alive_until";
    server.on(
        "POST",
        "runs/search",
        ScriptedServer.json(
            "{\"runs\": [%s, %s, %s]}"
                .formatted(
                    tagged("dead", alive, "2026-03-01T11:59:59Z"),
                    tagged("living", alive, "2026-03-01T12:00:00Z"),
                    tagged("resumed", alive, "2026-03-01T11:00:00Z")
                        .replace("\"info\": {", "\"info\": {\"end_time\": 7,"))),
        ScriptedServer.json("{\"runs\": [" + tagged("child", "mlflow.parentRunId", "dead") + "]}"));
    ActiveRun run = open();
    assertThat(server.requests("runs/search"))
        .extracting(ScriptedServer.Request::body)
        .satisfiesExactly(
            body -> assertThat(body).contains("'RUNNING'", "tags.`winequality.alive_until` != ''"),
            body -> assertThat(body).contains("tags.`mlflow.parentRunId` = 'dead'"));
    assertThat(server.requests("runs/update"))
        .extracting(ScriptedServer.Request::body)
        .satisfiesExactly(
            body -> assertThat(body).contains("\"dead\"", "KILLED"),
            body -> assertThat(body).contains("\"child\"", "KILLED"));
    assertThat(lastBatch()).contains("\"child\"", "winequality.error", "gave no sign");
    run.finish();
  }

  @Test
  void aJobThatCreatesNoRunEndsRunsOfDeadJobsToo() {
    String dead = tagged("dead", "winequality.alive_until", "2026-03-01T11:59:59Z");
    server.on(
        "POST",
        "runs/search",
        ScriptedServer.json("{\"runs\": [" + dead + "]}"),
        ScriptedServer.json("{}"));
    tracker().endDead();
    assertThat(endings()).containsExactly("KILLED");
    server.on("POST", "runs/search", ScriptedServer.json("{}"));
    server.on("GET", "runs/get", ScriptedServer.json(run("mlflow-artifacts:/7/r9/artifacts")));
    long before = server.requests("runs/search").size();
    new RunTracker(adopting, CLOCK, exit, Optional.empty()).open(ORIGIN).finish();
    assertThat(server.requests("runs/search").stream().skip(before)).hasSize(1);
    server.on("GET", "experiments/get-by-name", ScriptedServer.error(403, "NO", "not for you"));
    tracker().endDead(); // only warns
    server.close();
    assertThatThrownBy(() -> tracker().endDead()).hasMessageContaining("no connection to");
  }

  @Test
  void aChildRunThatIsNotCreatedIsCalledOne() {
    ActiveRun run = open();
    server.on("POST", "runs/create", ScriptedServer.error(403, "NO", "not for you"));
    assertThatThrownBy(() -> tracker().openChild(run, "alpha 0.5", ORIGIN))
        .hasMessageStartingWith("Could not create the child run alpha 0.5: ");
    run.finish();
  }

  @Test
  void aDeadRunThatThisLoginMayNotEndHindersNothing() {
    String dead = tagged("dead", "winequality.alive_until", "2026-03-01T11:59:59Z");
    server.on(
        "POST",
        "runs/search",
        ScriptedServer.json("{\"runs\": [" + dead + ", " + dead.replace("dead", "mine") + "]}"),
        ScriptedServer.json("{}"));
    server.on(
        "POST",
        "runs/update",
        ScriptedServer.error(403, "PERMISSION_DENIED", "no"),
        ScriptedServer.json("{}"));
    open().finish();
    assertThat(endings()).containsExactly("KILLED", "KILLED", "FINISHED");
  }

  /** Every heartbeat moves the tag on, and none comes after the end. */
  @Test
  void aHeartbeatRenewsTheTagUntilItIsClosed() throws Exception {
    Heartbeat beating = Heartbeat.of(connection.tracking(), "r1", CLOCK, Duration.ofMillis(20));
    while (server.requests("runs/log-batch").size() < 2) {
      Thread.sleep(10);
    }
    assertThat(lastBatch()).contains("winequality.alive_until", "2026-03-01T12:10:00Z");
    beating.close();
    Thread.sleep(200); // one may be on its way
    int sent = server.requests("runs/log-batch").size();
    Thread.sleep(200);
    assertThat(server.requests("runs/log-batch")).hasSize(sent);
  }

  private static String tagged(String id, String tag, String value) {
    String run = otherRun(id, "RUNNING");
    return "%s, \"data\": {\"tags\": [{\"key\": \"%s\", \"value\": \"%s\"}]}}"
        .formatted(run.substring(0, run.lastIndexOf('}')), tag, value);
  }

  @Test
  void deadJobsThatCannotBeLookedForStopNothing() {
    server.on("POST", "runs/search", ScriptedServer.error(400, "BAD_REQUEST", "no"));
    open().finish();
    assertThat(endings()).containsExactly("FINISHED");
  }

  @Test
  void aRunThatWasAnsweredAtOnceHasNoTwinToLookFor() {
    try (ActiveRun run = open()) {
      run.finish();
    }
    assertThat(server.requests("runs/search"))
        .noneMatch(request -> request.body().contains("run-key"));
  }

  @Test
  void aRunThatCouldNotBeFinishedSaysThatItsWorkWasDone() {
    server.on(
        "POST",
        "runs/update",
        ScriptedServer.error(400, "INVALID_STATE", "no"),
        ScriptedServer.json("{}"));
    assertThatThrownBy(() -> tracker().during(ORIGIN, run -> run.url()))
        .isInstanceOf(MlflowException.class);
    assertThat(endings()).containsExactly("FINISHED", "FAILED");
    assertThat(lastBatch()).contains("\"winequality.error\"", "\"winequality.work\"", "\"done\"");
  }

  @Test
  void aRunThatFailedInItsWorkDoesNotSayThatItWasDone() {
    open().close();
    assertThat(lastBatch()).contains("winequality.error").doesNotContain("winequality.work");
  }

  private List<String> writes() {
    return server.requests().stream()
        .filter(request -> !request.method().equals("GET"))
        .map(ScriptedServer.Request::path)
        .toList();
  }

  @Test
  void aProbeNamesTheExperimentAndWritesNothing() {
    assertThat(tracker().probe()).isEqualTo("experiment \"wine\" (id 7)");
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "none"));
    assertThat(tracker().probe())
        .isEqualTo("experiment \"wine\", which does not exist yet and would be created");
    assertThat(writes()).isEmpty();
    assertThat(exit.hooks).isEmpty();
  }

  @Test
  void aProbeResolvesTheRunToAdoptAsOpenDoes() {
    server.on(
        "GET",
        "runs/get",
        ScriptedServer.json(adoptable("active")),
        ScriptedServer.json(adoptable("deleted")));
    assertThat(adopting().probe()).isEqualTo("run r9 in experiment 7, which is FINISHED");
    assertThatThrownBy(() -> adopting().probe())
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("Run r9 is deleted");
    server.on(
        "GET",
        "runs/get",
        ScriptedServer.json(adoptable("active").replace("mlflow-artifacts:/7", "s3://bucket")));
    assertThatThrownBy(() -> adopting().probe())
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("s3://bucket");
    assertThat(writes()).isEmpty();
  }

  @Test
  void aProbeRefusesWhatOpenWouldRefuse() {
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.json(
            "{\"experiment\": {\"experiment_id\": \"7\", \"name\": \"wine\", \"lifecycle_stage\":"
                + " \"deleted\"}}"));
    assertThatThrownBy(() -> tracker().probe())
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("is deleted");
    server.close();
    assertThatThrownBy(() -> tracker().probe())
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("no connection");
  }

  @Test
  void aNewRunSaysWhoMadeItFromWhat() {
    open().finish();
    assertThat(server.requests("runs/create").get(0).body())
        .contains(
            "\"experiment_id\":\"7\"",
            "\"start_time\":" + CLOCK.millis(),
            "{\"key\":\"mlflow.user\",\"value\":\"ada\"}",
            "{\"key\":\"mlflow.source.name\",\"value\":\"job\"}",
            "{\"key\":\"mlflow.source.type\",\"value\":\"JOB\"}",
            "{\"key\":\"own\",\"value\":\"tag\"}");
  }

  @Test
  void aParamThatWouldBeCutIsRefusedAndNothingIsSent() {
    ActiveRun run = open();
    assertThatThrownBy(() -> run.params(Map.of("ok", "1", "features", "ü".repeat(3001))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("param features has 6002 bytes; MLflow takes 6000");
    assertThat(server.requests("runs/log-batch")).isEmpty();
    run.params(Map.of("features", "ü".repeat(3000)));
    assertThat(server.requests("runs/log-batch")).hasSize(1);
  }

  @Test
  void aLongTagIsCutBetweenCharactersAndMarked() {
    assertThat(TagValues.shortened(Map.of("k", "a".repeat(5000))).get("k"))
        .isEqualTo("a".repeat(5000));
    assertThat(TagValues.shortened(Map.of("k", "a".repeat(5001))).get("k"))
        .isEqualTo("a".repeat(4997) + "...");
    // 4 bytes each: 1,249 of them and the mark are 4,999 bytes
    assertThat(TagValues.shortened(Map.of("k", "🍷".repeat(1251))).get("k"))
        .isEqualTo("🍷".repeat(1249) + "...");
  }

  @Test
  void everyTableOfARunIsNamedInTheOneTagThatTheUiReads() {
    ActiveRun run = open();
    run.shownAsTable("a.json");
    run.shownAsTable("b/c.json");

    var sent = server.requests("runs/log-batch");
    assertThat(sent.get(sent.size() - 1).body())
        .contains("mlflow.loggedArtifacts")
        .contains(
            "[{\\\"path\\\":\\\"a.json\\\",\\\"type\\\":\\\"table\\\"},{\\\"path\\\":\\\"b/c.json\\\",\\\"type\\\":\\\"table\\\"}]");
  }

  @Test
  void twoInputsWithOneIdentityAreRefused() {
    ActiveRun run = open();
    DeltaInput train = new DeltaInput(DeltaInput.Use.TRAINING, "wine", "d", "/t", 1, List.of(), 3);
    DeltaInput test = new DeltaInput(DeltaInput.Use.TESTING, "wine", "d", "/t", 1, List.of(), 1);
    assertThatThrownBy(() -> run.inputs(List.of(train, test)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the digest must tell their rows apart");
    assertThat(server.requests("runs/log-inputs")).isEmpty();
  }
}
