package sparkmlflow.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.LogLines;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.tracking.MetricPoint;
import sparkmlflow.wire.RestCalls;

class OutboxTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
  private static final RunOrigin ORIGIN =
      new RunOrigin("ada", "job", SourceType.JOB, Map.of("own", "tag"));
  private static final String RUN =
      """
      {"run": {"info": {"run_id": "r1", "experiment_id": "7", "run_name": "n", "status": "KILLED",
        "artifact_uri": "mlflow-artifacts:/7/r1/artifacts", "lifecycle_stage": "active"},
        "data": {"tags": [{"key": "winequality.error", "value": "gave no sign"}]}}}\
      """;

  @TempDir Path folder;

  private final ScriptedServer server = ScriptedServer.start();
  private final MlflowConnection connection =
      MlflowConnection.open(TestSettings.withToken(server.uri()), pause -> {});

  @BeforeEach
  void answer() {
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.json(
            "{\"experiment\": {\"experiment_id\": \"7\", \"name\": \"wine\", \"lifecycle_stage\":"
                + " \"active\"}}"));
    server.on("POST", "runs/create", ScriptedServer.json(RUN.replace("KILLED", "RUNNING")));
    server.on("GET", "runs/get", ScriptedServer.json(RUN));
    server.on("POST", "runs/search", ScriptedServer.json("{}"));
    server.on("GET", "artifacts/list", ScriptedServer.json("{}"));
    for (String call : List.of("runs/update", "runs/log-batch", "runs/delete-tag")) {
      server.on("POST", call, ScriptedServer.json("{}"));
    }
    // every upload
    server.otherwise(ScriptedServer.error(403, "PERMISSION_DENIED", "no files for you"));
  }

  @AfterEach
  void close() {
    connection.close();
    server.close();
  }

  private Outbox outbox() {
    return new Outbox(folder.resolve("outbox"), "publish --here");
  }

  private RunTracker tracker(Outbox outbox) {
    return new RunTracker(connection, CLOCK, Optional.of(outbox));
  }

  private ModelFolder model() throws IOException {
    Path directory = Files.createDirectories(folder.resolve("model"));
    Files.writeString(directory.resolve("MLmodel"), "flavors: {spark: {}}\n");
    return new ModelFolder(
        directory, "model", "u1", CLOCK.instant(), Map.of("spark", Map.of()), List.of("MLmodel"));
  }

  private void fails(Outbox outbox) throws IOException {
    ModelFolder model = model();
    tracker(outbox)
        .during(
            ORIGIN,
            run ->
                run.keeping(
                    () -> {
                      run.params(Map.of("token", "b"));
                      run.ready(
                          model,
                          Optional.of(
                              new KeptRun.Version("wine", "# Wine", Map.of("rmse", "0.5"))));
                      run.metrics(Map.of("rmse", 0.5));
                      return run.model(model);
                    }));
  }

  private Path kept() {
    assertThatThrownBy(() -> fails(outbox()))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("no files for you")
        .hasMessageContaining("The finished work is kept in " + outbox().folder())
        .hasMessageContaining("`publish --here` publishes it");
    assertThat(outbox().entries()).hasSize(1);
    return outbox().entries().get(0);
  }

  static Stream<Note> notes() {
    DeltaInput input =
        new DeltaInput(DeltaInput.Use.TRAINING, "wine", "d1", "/t", 3, List.of("alcohol"), 1199);
    return Stream.of(
        new Note.Params(Map.of("α", "0.5\n", "quote", "\"")),
        new Note.Tags(Map.of("mlflow.note.content", "# <b>Wine</b>")),
        new Note.Inputs(List.of(input.entry())),
        new Note.Metrics(
            List.of(
                new MetricPoint("rmse", 0.1 + 0.2, 0, CLOCK.instant()),
                new MetricPoint("nan", Double.NaN, -1, CLOCK.instant()),
                new MetricPoint("infinite", Double.NEGATIVE_INFINITY, 7, CLOCK.instant()))));
  }

  @ParameterizedTest
  @MethodSource("notes")
  void aNoteComesBackAsItWas(Note note) throws IOException {
    String line = note.json().toString();
    assertThat(line).doesNotContain("\n");
    assertThat(Note.of(RestCalls.JSON.readTree(line), folder)).isEqualTo(note);
  }

  @Test
  void aFileComesBackAsItWasAndStaysInTheFolder() throws IOException {
    byte[] content = {0, -1, 10};
    Files.createDirectories(folder.resolve("plots"));
    Files.write(folder.resolve("plots/a b.png"), content);
    Note.File file = new Note.File("/plots/a b.png", content);
    Note back = Note.of(file.json(), folder);
    assertThat(back).isInstanceOf(Note.File.class);
    assertThat(((Note.File) back).path()).isEqualTo("plots/a b.png");
    assertThat(((Note.File) back).content()).isEqualTo(content);
    assertThatThrownBy(() -> new Note.File("../a", content))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("leads upwards");
  }

  @Test
  void aRefusalBeforeTheModelIsDoneEndsTheWork() {
    server.on(
        "POST", "runs/log-batch", ScriptedServer.error(403, "PERMISSION_DENIED", "read only"));
    assertThatThrownBy(() -> fails(outbox()))
        .hasMessageContaining("read only")
        .hasMessageNotContaining("kept");
    assertThat(outbox().folder()).doesNotExist();
  }

  @Test
  void workThatIsDoneIsKeptWhateverIsRefused() throws IOException {
    server.on(
        "POST",
        "runs/log-batch",
        ScriptedServer.json("{}"),
        ScriptedServer.error(401, "UNAUTHENTICATED", "the token expired"));
    assertThatThrownBy(() -> fails(outbox()))
        .hasMessageContaining("the token expired")
        .hasMessageContaining("The finished work is kept in");
    assertThat(outbox().entries()).hasSize(1);
  }

  @Test
  void filesOfAnotherModelInTheRunStayAsTheyAre() {
    try (KeptRun kept = KeptRun.open(kept())) {
      server.on(
          "GET",
          "artifacts/list",
          ScriptedServer.json(
              "{\"files\": [{\"path\": \"model/MLmodel\", \"file_size\": 9}, {\"path\":"
                  + " \"model/other\", \"file_size\": 1}]}"));
      long before = server.requests().size();
      assertThatThrownBy(() -> tracker(outbox()).reopened(kept, run -> run.replay(kept)))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("Run r1 has files of another model under model")
          .hasMessageContaining("train again without MLFLOW_RUN_ID")
          .hasMessageContaining("then delete " + kept.folder());
      assertThat(server.requests().stream().skip(before))
          .extracting(ScriptedServer.Request::method)
          .containsOnly("GET");
    }
  }

  @Test
  void aKeptRunCanBeReadByPeople() throws IOException {
    Path entry = kept();
    assertThat(entry.getFileName()).hasToString("20260301T120000Z-r1");
    assertThat(Files.readString(entry.resolve("run.json")))
        .contains("\"run_id\" : \"r1\"", "no files for you", "\"rmse\" : \"0.5\"")
        .doesNotContain(TestSettings.TOKEN);
    assertThat(Files.readString(entry.resolve("notes.jsonl")))
        .startsWith("{\"params\":{\"token\":\"b\"}}\n{\"metrics\":[{\"key\":\"rmse\"");
    assertThat(Files.readString(entry.resolve("SHA256SUMS")))
        .matches("(?s)[0-9a-f]{64}  artifacts/model/MLmodel\n.*  run.json\n");
  }

  @Test
  void filesThatAreRefusedLeaveARunThatFailed() {
    kept();
    assertThat(endings()).containsExactly("FAILED");
    assertThat(server.requests("model-versions/create")).isEmpty();
  }

  private List<String> endings() {
    return server.requests("runs/update").stream()
        .map(request -> request.body().replaceAll("(?s).*\"status\": ?\"([A-Z]+)\".*", "$1"))
        .toList();
  }

  @Test
  void workThatCannotBeKeptIsSaidToBeLost() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Outbox outbox = new Outbox(file.resolve("outbox"), "publish");
    assertThat(outbox.problem()).contains(file + " is not a folder");
    assertThatThrownBy(() -> fails(outbox))
        .hasMessageContaining("The finished work could not be kept in " + outbox.folder())
        .hasMessageEndingWith("and is lost.");
    assertThat(outbox().problem()).isEmpty();
  }

  @Test
  void whatCouldNotBeKeptWholeLeavesNoFolder() throws IOException {
    Files.createDirectories(folder.resolve("outbox"));
    ModelFolder whole = model();
    ModelFolder gone =
        new ModelFolder(
            folder,
            "model",
            "u1",
            CLOCK.instant(),
            Map.of("spark", Map.of()),
            List.of("MLmodel", "none"));
    assertThatThrownBy(
            () ->
                tracker(outbox())
                    .during(
                        ORIGIN,
                        run ->
                            run.keeping(
                                () -> {
                                  run.ready(gone, Optional.empty());
                                  run.text("a.txt", "a");
                                  return run.model(whole);
                                })))
        .hasMessageContaining("could not be kept");
    assertThat(folder.resolve("outbox")).isEmptyDirectory();
  }

  /** The hooks that wait for the end of the JVM. */
  private static final class Exit implements JvmExit {
    final List<Thread> hooks = new CopyOnWriteArrayList<>();

    @Override
    public void register(Thread hook) {
      hooks.add(hook);
    }

    @Override
    public void unregister(Thread hook) {
      hooks.remove(hook);
    }

    void now() {
      for (Thread hook : hooks) {
        hook.start();
        while (hook.isAlive()) {
          Thread.onSpinWait();
        }
      }
    }
  }

  /** A job that is stopped while it waits for the server, after or before its model is ready. */
  private String stopped(boolean ready) throws IOException {
    Exit exit = new Exit();
    ModelFolder model = model();
    LogLines log = LogLines.record();
    try {
      new RunTracker(connection, CLOCK, exit, Optional.of(outbox()))
          .during(
              ORIGIN,
              run ->
                  run.keeping(
                      () -> {
                        run.params(Map.of("a", "b"));
                        if (ready) {
                          run.ready(model, Optional.empty());
                        }
                        server.on(
                            "POST",
                            "runs/log-batch",
                            (exchange, request) -> exit.now(),
                            ScriptedServer.json("{}"));
                        run.metrics(Map.of("rmse", 0.5));
                        run.text("report.html", "late");
                        return run.model(model);
                      }));
      throw new AssertionError("the job was stopped");
    } catch (MlflowException | IllegalStateException stopped) {
      return String.join("\n", log.recorded());
    } finally {
      log.end();
    }
  }

  @Test
  void aStoppedJobKeepsWorkThatIsDone() throws IOException {
    assertThat(stopped(true))
        .contains("Could not finish the run: The process was stopped (SIGTERM, SIGINT or an exit)")
        .contains("The finished work is kept in " + outbox().folder());
    assertThat(outbox().entries()).hasSize(1);
    assertThat(endings()).containsExactly("FAILED");
    try (KeptRun kept = KeptRun.open(outbox().entries().get(0))) {
      assertThat(kept.model().files()).containsExactly("MLmodel");
      assertThat(kept.text("report.html")).contains("late");
      assertThat(kept.notes()).hasSize(3);
    }
  }

  /** As at the gate: what follows are calls that are not noted, each with its own patience. */
  @Test
  void aJobThatIsStoppedAfterItsUploadKeepsItsWorkAtOnce() throws IOException {
    Exit exit = new Exit();
    AtomicBoolean wentOn = new AtomicBoolean();
    ModelFolder model = model();
    server.otherwise(ScriptedServer.json("{}"));
    server.on(
        "GET",
        "artifacts/list",
        ScriptedServer.json("{\"files\": [{\"path\": \"model/MLmodel\", \"file_size\": 21}]}"));
    server.on("POST", "runs/log-model", ScriptedServer.json("{}"));
    RunTracker tracker = new RunTracker(connection, CLOCK, exit, Optional.of(outbox()));
    assertThatThrownBy(
            () ->
                tracker.during(
                    ORIGIN,
                    run ->
                        run.keeping(
                            () -> {
                              run.ready(model, Optional.empty());
                              run.model(model);
                              server.on(
                                  "POST", "runs/log-batch", (exchange, request) -> exit.now());
                              run.tags(Map.of("gate", "promoted"));
                              return wentOn.getAndSet(true);
                            })))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("The process was stopped")
        .hasMessageContaining("The finished work is kept in");
    assertThat(wentOn).isFalse();
  }

  @Test
  void aJobThatIsStoppedBeforeItsModelIsDoneKeepsNothing() throws IOException {
    assertThat(stopped(false)).doesNotContain("kept");
    assertThat(outbox().folder()).doesNotExist();
  }

  @Test
  void aLoginThatExpiresDuringTheWorkIsAnOutage() throws IOException {
    server.on(
        "POST",
        "runs/log-batch",
        ScriptedServer.error(401, "UNAUTHENTICATED", "the token expired"));
    assertThatThrownBy(() -> fails(outbox()))
        .hasMessageContaining("the token expired")
        .hasMessageContaining("The finished work is kept in");
    try (KeptRun kept = KeptRun.open(outbox().entries().get(0))) {
      assertThat(kept.notes()).contains(new Note.Params(Map.of("token", "b")));
    }
  }

  @Test
  void aKeptRunIsNoOutbox() {
    Path entry = kept();
    assertThat(new Outbox(entry, "publish").problem())
        .contains(entry + " is a kept run; name the folder that it lies in, " + outbox().folder());
    assertThat(outbox().problem()).isEmpty();
  }

  static Stream<Arguments> defects() {
    return Stream.of(
        Arguments.of("run.json", "\"format\" : 1", "\"format\" : 2", "it has the format 2"),
        Arguments.of("run.json", "\"run_id\"", "\"id\"", "run_id"),
        Arguments.of("run.json", "\"model\" : \"model\"", "\"model\" : \"none\"", "none"),
        Arguments.of("run.json", "\"tags\"", "\"labels\"", "tags"),
        Arguments.of("notes.jsonl", "{\"params\"", "{\"file\":\"gone\",\"params0\"", "gone"),
        Arguments.of("notes.jsonl", "\"0.5\"", "\"half\"", "half"),
        Arguments.of("notes.jsonl", "{\"params\"", "{\"inputs\":[1],\"params0\"", "notes.jsonl"));
  }

  /** Its sums fit, as if another release or a person had written it. */
  @ParameterizedTest
  @MethodSource("defects")
  void whatCannotBePublishedIsRefusedBeforeAnythingIsSent(
      String file, String text, String other, String named) throws IOException {
    Path entry = kept();
    String before = Files.readString(entry.resolve(file));
    assertThat(before).contains(text);
    Files.writeString(entry.resolve(file), before.replace(text, other));
    Files.writeString(entry.resolve("SHA256SUMS"), Outbox.sums(entry));
    assertThatThrownBy(() -> KeptRun.open(entry))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining(entry.toString())
        .hasMessageContaining(named);
  }

  @Test
  void aRunThatTheServerDoesNotKnowIsSaidToBeElsewhere() {
    server.on(
        "GET", "runs/get", ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "no such run"));
    try (KeptRun kept = KeptRun.open(kept())) {
      assertThatThrownBy(() -> tracker(outbox()).reopened(kept, run -> run.replay(kept)))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("The run was opened as " + kept.url() + ";")
          .hasMessageContaining(kept.folder() + " can no longer be published");
    }
  }

  @Test
  void onePublicationAtATimeWorksOnARun() throws Exception {
    Path entry = kept();
    try (KeptRun first = KeptRun.open(entry)) {
      assertThat(first.version())
          .contains(new KeptRun.Version("wine", "# Wine", Map.of("rmse", "0.5")));
      assertThat(lockByAnotherProcess(entry)).isEqualTo(1);
      assertThatThrownBy(() -> KeptRun.open(entry))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("Another publication of it is running; wait until that ends.");
    }
    assertThat(lockByAnotherProcess(entry)).isZero();
    KeptRun.open(entry).close();
  }

  private static int lockByAnotherProcess(Path entry) throws Exception {
    String lock = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), 6)"; // at once or not
    return new ProcessBuilder("python3", "-c", lock, entry.resolve("SHA256SUMS").toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Test
  void aFolderWithOtherFilesIsRefused() throws IOException {
    Path entry = kept();
    Files.writeString(entry.resolve("notes.jsonl"), "{}");
    Files.createFile(entry.resolve("new"));
    Files.delete(entry.resolve("artifacts/model/MLmodel"));
    assertThatThrownBy(() -> KeptRun.open(entry))
        .isInstanceOf(DamagedFilesException.class)
        .hasMessageContaining("artifacts/model/MLmodel, new, notes.jsonl");
  }

  @Test
  void aFolderWithoutSumsIsLeftOut() throws IOException {
    Path entry = kept();
    Files.delete(entry.resolve("SHA256SUMS"));
    Files.createDirectory(outbox().folder().resolve("of somebody"));
    LogLines log = LogLines.record();
    try {
      assertThat(outbox().entries()).isEmpty();
    } finally {
      log.end();
    }
    // nobody is told to delete what no job has written
    assertThat(log.recorded())
        .singleElement()
        .asString()
        .startsWith(entry + " has no SHA256SUMS")
        .contains("was killed meanwhile. If no job runs, delete it.");
  }

  @Test
  void aReopenedRunLosesTheReasonOfItsFailure() {
    try (KeptRun kept = KeptRun.open(kept())) {
      tracker(outbox()).reopened(kept, run -> run.run().id());
    }
    assertThat(endings()).containsExactly("FAILED", "RUNNING", "FINISHED");
    assertThat(server.requests("runs/delete-tag"))
        .singleElement()
        .satisfies(request -> assertThat(request.body()).contains("winequality.error"));
  }
}
