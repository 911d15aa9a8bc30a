package sparkmlflow.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowSettings;
import sparkmlflow.MlflowTags;
import sparkmlflow.ScriptedServer;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.registry.ModelRegistrar;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.registry.VersionFetcher;
import sparkmlflow.tracking.LoggedModels;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import sparkmlflow.tracking.StoredFile;
import testing.MlflowServer;
import testing.ServerKind;
import winequality.gate.TestRegistrySettings;

/** Runs, files and versions on a real MLflow server. */
@Tag("server-versions")
@ParameterizedClass
@MethodSource("testing.ServerKind#each")
class RealMlflowIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final RunOrigin ORIGIN =
      new RunOrigin(
          "ada", "winequality.app.TrainingJob", SourceType.JOB, Map.of("settings.hash", "abc"));

  private final ServerKind kind;
  private final MlflowServer server;
  private final Path folder;

  RealMlflowIT(ServerKind kind, @TempDir Path folder) {
    this.kind = kind;
    server = MlflowServer.of(kind);
    this.folder = folder;
  }

  @Test
  void whatAJobLogsIsWhatTheServerHas() throws IOException {
    try (MlflowConnection connection = open(unique("logs"), "")) {
      Run opened;
      try (ActiveRun run = new RunTracker(connection, Clock.systemUTC()).open(ORIGIN)) {
        opened = run.run();
        run.params(Map.of("alpha", "0.5", "fixed acidity", "ä ' \" \\"));
        run.metrics(Map.of("rmse", 0.64, "not a number", Double.NaN));
        run.metric("objective", 1, List.of(2.0, 4.0, 1.0));
        run.metric("later", 5, List.of(7.0));
        run.tags(
            IntStream.range(0, 230)
                .boxed()
                .collect(Collectors.toMap(i -> "tag" + i, i -> "value" + i)));
        run.description("**Wine**, described.");
        run.inputs(
            List.of(input(DeltaInput.Use.TRAINING, "a"), input(DeltaInput.Use.TESTING, "b")));
        run.text("notes/zusätzlich 100%.txt", "Grüße");
        run.json("settings.json", Map.of("alpha", 0.5));
        run.finish();
      }
      Run logged = connection.tracking().run(opened.id());
      assertThat(logged.status()).isEqualTo(RunStatus.FINISHED);
      assertThat(logged.params())
          .containsExactlyInAnyOrderEntriesOf(Map.of("alpha", "0.5", "fixed acidity", "ä ' \" \\"));
      assertThat(logged.tags())
          .contains(
              entry("mlflow.user", "ada"),
              entry("mlflow.source.name", "winequality.app.TrainingJob"),
              entry("mlflow.source.type", "JOB"),
              entry("mlflow.note.content", "**Wine**, described."),
              entry("settings.hash", "abc"),
              entry("tag0", "value0"),
              entry("tag229", "value229"))
          .doesNotContainKey(MlflowTags.ERROR);
      JsonNode run = server.get("runs/get", "run_id", opened.id()).path("run");
      assertThat(metric(run, "rmse").asDouble()).isEqualTo(0.64);
      assertThat(metric(run, "not a number").asText()).isEqualTo("NaN");
      assertThat(history(opened.id(), "objective")).containsExactly("1=2.0", "2=4.0", "3=1.0");
      assertThat(history(opened.id(), "later")).containsExactly("5=7.0");
      JsonNode inputs = run.path("inputs").path("dataset_inputs");
      assertThat(inputs).hasSize(2);
      assertThat(
              IntStream.range(0, 2)
                  .mapToObj(
                      i ->
                          inputs.get(i).path("tags").get(0).path("value").asText()
                              + " "
                              + inputs.get(i).path("dataset").path("digest").asText()))
          .containsExactlyInAnyOrder("training a", "testing b");
      JsonNode source = JSON.readTree(inputs.get(0).path("dataset").path("source").asText());
      assertThat(source.path("path").asText()).isEqualTo("/data/wine");
      assertThat(source.path("delta_table_version").asLong()).isZero();
      assertThat(connection.artifacts(opened).list(""))
          .containsExactlyInAnyOrder(
              new StoredFile("notes/zusätzlich 100%.txt", 7),
              new StoredFile("settings.json", Files.size(jsonFile())));
    }
  }

  private Path jsonFile() throws IOException {
    return Files.writeString(
        folder.resolve("expected.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(Map.of("alpha", 0.5)));
  }

  /** The page Models of the experiment lists it. A server before MLflow 3 has none. */
  @Test
  void theModelIsALoggedModelWithItsParamsMetricsTestDataFilesAndVersion() throws IOException {
    assumeTrue(hasLoggedModels(), "MLflow 2 has no logged models");
    try (MlflowConnection connection = open(unique("page"), "")) {
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
      ModelFolder small = model();
      VerifiedFolder upload =
          tracker.during(
              ORIGIN,
              run -> {
                run.params(Map.of("regParam", "0.1"));
                run.inputs(
                    List.of(
                        input(DeltaInput.Use.TRAINING, "a"), input(DeltaInput.Use.TESTING, "b")));
                run.metrics(
                    Map.of("rmse", 0.5, "train_rmse", 0.4, "psi", 0.1, "not_finite", Double.NaN));
                return run.model(small);
              });
      String id = LoggedModels.idIn(upload.uri()).orElseThrow();
      String name = unique("wine");
      registrar(connection, name).register(upload, "", Map.of());

      JsonNode model = server.get("logged-models/" + id).path("model");
      assertThat(model.at("/info/status").asText()).isEqualTo("LOGGED_MODEL_READY");
      assertThat(model.at("/info/source_run_id").asText()).isEqualTo(upload.runId());
      assertThat(model.at("/data/params")).hasSize(1);
      assertThat(model.at("/data/params/0/value").asText()).isEqualTo("0.1");
      Map<String, String> measured = new TreeMap<>();
      model
          .at("/data/metrics")
          .forEach(
              metric ->
                  measured.put(
                      metric.path("key").asText(), metric.path("dataset_digest").asText("")));
      assertThat(measured).isEqualTo(Map.of("rmse", "b", "train_rmse", "a", "psi", ""));
      assertThat(model.at("/info/tags").findValuesAsText("key"))
          .contains("mlflow.user", "mlflow.source.name", "mlflow.modelVersions");
      assertThat(model.at("/info/tags").toString()).contains(name, "winequality.app.TrainingJob");
      JsonNode run = server.get("runs/get", "run_id", upload.runId()).path("run");
      assertThat(run.at("/outputs/model_outputs/0/model_id").asText()).isEqualTo(id);
      assertThat(run.at("/data/metrics")).as("no point twice").hasSize(4);
      JsonNode files = server.get("logged-models/" + id + "/artifacts/directories");
      assertThat(files.path("files").findValuesAsText("path")).contains("MLmodel");

      // as a publication after a crash would; another model of the run is another one
      LoggedModels pages = connection.loggedModels().orElseThrow();
      Run logged = connection.tracking().run(upload.runId());
      assertThat(pages.isOutput(upload.runId(), id)).isTrue();
      assertThat(
              pages
                  .ofRun(logged, small.modelUuid(), "model", Map.of())
                  .map(LoggedModels.LoggedModel::id))
          .contains(id);
      LoggedModels.LoggedModel other =
          pages.ofRun(logged, "another", "models/wine.v2", Map.of()).orElseThrow();
      assertThat(other.id()).isNotEqualTo(id);
      pages.failed(other.id());
      assertThat(server.get("logged-models/" + other.id()).at("/model/info/status").asText())
          .isEqualTo("LOGGED_MODEL_UPLOAD_FAILED");
    }
  }

  private boolean hasLoggedModels() {
    return !kind.version().startsWith("2.");
  }

  /** As a version of an earlier release. */
  @Test
  void aVersionOfTheRunsOwnFilesIsNotMadeTwice() throws IOException {
    String name = unique("wine");
    try (ScriptedServer refusing = ScriptedServer.start()) {
      refusing.otherwise(ScriptedServer.forward(server.uri()));
      refusing.on("POST", "logged-models", ScriptedServer.error(403, "PERMISSION_DENIED", "no"));
      try (MlflowConnection connection =
          MlflowConnection.open(
              settings(server.environment(), refusing.uri(), unique("refused"), ""))) {
        RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
        VerifiedFolder ofRun = tracker.during(ORIGIN, run -> run.model(model()));
        assertThat(ofRun.uri()).endsWith("/artifacts/model");

        ModelRegistrar registrar = registrar(connection, name);
        assertThat(registrar.register(ofRun, "", Map.of()).version()).isEqualTo("1");
        VerifiedFolder ofModel = ofRun.at(LoggedModels.uri("m-7"));
        assertThat(registrar.register(ofModel, "", Map.of()).version()).isEqualTo("1");
        assertThat(
                new VersionFetcher(connection)
                    .fetch(connection.registry().version(name, "1"), folder.resolve("fetched"))
                    .files()
                    .digest())
            .isEqualTo(ofRun.digest());
      }
    }
  }

  @Test
  @Tag("usual-server")
  void anotherServersRegistryGetsTheRunsFiles() {
    Map<String, String> environment = new HashMap<>(server.environment());
    environment.put("MLFLOW_REGISTRY_URI", MlflowServer.sharingFolder().uri().toString());
    try (MlflowConnection connection =
        MlflowConnection.open(settings(environment, server.uri(), unique("elsewhere"), ""))) {
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
      assertThat(tracker.during(ORIGIN, run -> run.model(model())).uri())
          .endsWith("/artifacts/model");
    }
  }

  @Test
  void aModelIsUploadedVerifiedLoggedAndRegisteredOnce() throws IOException {
    String name = unique("wine");
    try (MlflowConnection connection = open(unique("models"), "")) {
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
      ModelRegistrar registrar = registrar(connection, name);
      VerifiedFolder first = tracker.during(ORIGIN, run -> run.model(model()));

      RegisteredVersion version = registrar.register(first, "# Wine", Map.of("run", "one"));
      RegisteredVersion again = registrar.register(first, "# Wine", Map.of("run", "one"));

      assertThat(version)
          .isEqualTo(
              new RegisteredVersion(
                  name,
                  "1",
                  List.of("challenger"),
                  server.uri()
                      + "/#/models/"
                      + name
                      + "/versions/1?workflowType=machine_learning"
                      + Stream.ofNullable(server.environment().get("MLFLOW_WORKSPACE"))
                          .map(workspace -> "&workspace=" + workspace)
                          .collect(Collectors.joining())));
      assertThat(again).isEqualTo(version);
      ModelVersion read = connection.registry().version(name, "1");
      assertThat(
              new VersionFetcher(connection)
                  .fetch(read, folder.resolve("fetched"))
                  .files()
                  .digest())
          .isEqualTo(first.digest());
      JsonNode stored =
          server.get("model-versions/get", "name", name, "version", "1").path("model_version");
      assertThat(stored.path("source").asText())
          .isEqualTo(first.uri())
          .matches(hasLoggedModels() ? "models:/m-.+" : ".+/artifacts/model");
      assertThat(stored.path("run_id").asText()).isEqualTo(first.runId());
      assertThat(stored.path("description").asText()).isEqualTo("# Wine");
      assertThat(stored.path("status").asText()).isEqualTo("READY");
      JsonNode history =
          JSON.readTree(
              connection.tracking().run(first.runId()).tags().get("mlflow.log-model.history"));
      assertThat(history).hasSize(1);
      assertThat(history.get(0).path("artifact_path").asText()).isEqualTo("model");
      assertThat(history.get(0).path("flavors").path("spark").path("model_data").asText())
          .isEqualTo("sparkml");

      VerifiedFolder second = tracker.during(ORIGIN, run -> run.model(model()));
      assertThat(registrar.register(second, "", Map.of()).version()).isEqualTo("2");
      // a late repeat of the first job takes the alias from nobody
      assertThat(registrar.register(first, "", Map.of()).aliases()).isEmpty();
      assertThat(connection.registry().model(name).orElseThrow().aliases())
          .containsEntry("challenger", "2");
    }
  }

  @Test
  void oddFileNamesAndEmptyFilesArrive() throws IOException {
    try (MlflowConnection connection = open(unique("files"), "")) {
      Path odd = Files.createDirectories(folder.resolve("odd"));
      Files.createDirectories(odd.resolve("tief/er"));
      for (String name :
          List.of("a b.txt", "Säure+%.txt", "x;y=z&q?.txt", "tief/er/[1] ~'.bin", "€")) {
        Files.writeString(odd.resolve(name), name);
      }
      Files.createFile(odd.resolve("_SUCCESS"));
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());

      tracker.during(
          ORIGIN,
          run -> {
            run.files(odd, "plain");
            assertThat(connection.artifacts(run.run()).list("plain").stream().map(StoredFile::path))
                .containsExactlyInAnyOrder(
                    "plain/a b.txt",
                    "plain/Säure+%.txt",
                    "plain/x;y=z&q?.txt",
                    "plain/tief/er/[1] ~'.bin",
                    "plain/€",
                    "plain/_SUCCESS");
            return run;
          });
    }
  }

  @Test
  @Tag("usual-server")
  void aSharedFolderTakesFilesWhereTheServerServesNone() throws IOException {
    try (MlflowConnection connection =
        MlflowConnection.open(
            settings(Map.of(), MlflowServer.sharingFolder().uri(), unique("shared"), ""))) {
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());

      VerifiedFolder upload = tracker.during(ORIGIN, run -> run.model(model()));

      assertThat(connection.tracking().run(upload.runId()).artifactUri())
          .startsWith(MlflowServer.sharingFolder().artifacts().toString());
      assertThat(registrar(connection, unique("wine")).register(upload, "", Map.of()).version())
          .isEqualTo("1");
    }
  }

  @Test
  void lostAnswersLeaveNothingTwice() throws IOException {
    URI real = server.uri();
    String experiment = unique("lossy");
    String name = unique("wine");
    try (ScriptedServer lossy = ScriptedServer.start()) {
      lossy.otherwise(ScriptedServer.forward(real));
      for (String create :
          List.of(
              "experiments/create",
              "runs/create",
              "runs/log-batch",
              "runs/log-inputs",
              "runs/log-model",
              "runs/update",
              "registered-models/create",
              "model-versions/create",
              "registered-models/alias")) {
        lossy.on(
            "POST",
            create,
            ScriptedServer.forwardAndLoseAnswer(real),
            ScriptedServer.forward(real));
      }
      try (MlflowConnection connection =
          MlflowConnection.open(
              settings(server.environment(), lossy.uri(), experiment, ""), pause -> {})) {
        VerifiedFolder upload =
            new RunTracker(connection, Clock.systemUTC())
                .during(
                    ORIGIN,
                    run -> {
                      run.metric("objective", 1, List.of(2.0, 1.0));
                      run.inputs(List.of(input(DeltaInput.Use.TRAINING, "a")));
                      return run.model(model());
                    });
        registrar(connection, name).register(upload, "", Map.of());

        Run run = connection.tracking().run(upload.runId());
        assertThat(run.status()).isEqualTo(RunStatus.FINISHED);
        JsonNode runs =
            server
                .post("runs/search", Map.of("experiment_ids", List.of(run.experimentId())))
                .path("runs");
        assertThat(runs).hasSize(1);
        assertThat(runs.get(0).path("inputs").path("dataset_inputs")).hasSize(1);
        assertThat(history(run.id(), "objective")).containsExactly("1=2.0", "2=1.0");
        assertThat(JSON.readTree(run.tags().get("mlflow.log-model.history"))).hasSize(1);
        assertThat(
                server
                    .get("model-versions/search", "filter", "name='" + name + "'")
                    .path("model_versions"))
            .hasSize(1);
        assertThat(connection.registry().model(name).orElseThrow().aliases())
            .containsEntry("challenger", "1");
      }
    }
  }

  @Test
  void anAdoptedRunIsResumedAndKeepsWhatSaysWhoMadeIt() {
    String experiment = unique("adopted");
    Run made;
    try (MlflowConnection connection = open(experiment, "")) {
      RunOrigin project =
          new RunOrigin("grace", "wine-project", SourceType.PROJECT, Map.of("mlflow.note", "x"));
      made =
          new RunTracker(connection, Clock.systemUTC())
              .during(
                  project,
                  run -> {
                    run.params(Map.of("alpha", "0.50", "rule", "minimum"));
                    return run.run();
                  });
    }
    try (MlflowConnection connection = open(experiment, made.id())) {
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
      try (ActiveRun run = tracker.open(ORIGIN)) {
        assertThat(run.run().id()).isEqualTo(made.id());
        assertThat(connection.tracking().run(made.id()).status()).isEqualTo(RunStatus.RUNNING);
        run.params(Map.of("alpha", "0.5", "lambda", "0.1"));
        assertThatThrownBy(() -> run.params(Map.of("alpha", "0.7")))
            .isInstanceOf(MlflowException.class)
            .hasMessageContaining("alpha")
            .hasMessageContaining("0.50 already and cannot become 0.7");
        run.finish();
      }
      Run resumed = connection.tracking().run(made.id());
      assertThat(resumed.status()).isEqualTo(RunStatus.FINISHED);
      assertThat(resumed.params())
          .containsOnly(entry("alpha", "0.50"), entry("rule", "minimum"), entry("lambda", "0.1"));
      assertThat(resumed.tags())
          .contains(
              entry("mlflow.user", "grace"),
              entry("mlflow.source.name", "wine-project"),
              entry("mlflow.source.type", "PROJECT"),
              entry("settings.hash", "abc"));
    }
  }

  @Test
  void anAdoptedRunsModelIsNotWrittenOver() {
    String experiment = unique("twice");
    String made;
    try (MlflowConnection connection = open(experiment, "")) {
      made =
          new RunTracker(connection, Clock.systemUTC())
              .during(ORIGIN, run -> run.model(model()))
              .runId();
    }
    try (MlflowConnection connection = open(experiment, made)) {
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
      assertThatThrownBy(() -> tracker.during(ORIGIN, run -> run.model(model())))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("already has files under model")
          .hasMessageContaining("MLFLOW_RUN_ID");
      assertThat(connection.tracking().run(made).status()).isEqualTo(RunStatus.FAILED);
    }
  }

  /** With basic-auth MLflow 3.17 says 403: it does not tell a login what there is. */
  @Test
  @Tag("usual-server")
  void aRunThatDoesNotExistIsNamed() {
    try (MlflowConnection connection = open(unique("none"), "0123456789abcdef0123456789abcdef")) {
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
      assertThatThrownBy(() -> tracker.open(ORIGIN))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("look up run 0123456789abcdef0123456789abcdef")
          .hasMessageContaining("404")
          .hasMessageContaining("RESOURCE_DOES_NOT_EXIST");
    }
  }

  @Test
  void aDeletedExperimentIsNotFilled() throws IOException {
    String experiment = unique("deleted");
    try (MlflowConnection connection = open(experiment, "")) {
      String id = connection.tracking().createExperiment(experiment).id();
      server.post("experiments/delete", Map.of("experiment_id", id));
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
      assertThatThrownBy(() -> tracker.open(ORIGIN))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("is deleted, and its name stays taken")
          .hasMessageContaining("mlflow experiments restore --experiment-id " + id);
    }
  }

  @Test
  void aFailureIsKeptAsOneLine() {
    try (MlflowConnection connection = open(unique("fails"), "")) {
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
      Run[] opened = new Run[1];
      assertThatThrownBy(
              () ->
                  tracker.during(
                      ORIGIN,
                      run -> {
                        opened[0] = run.run();
                        throw new IllegalStateException("no rows\nat all");
                      }))
          .hasMessage("no rows\nat all");
      Run failed = connection.tracking().run(opened[0].id());
      assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
      assertThat(failed.tags()).containsEntry(MlflowTags.ERROR, "IllegalStateException: no rows");
    }
  }

  @Test
  @Tag("usual-server")
  void aSignalEndsTheRunFailed() throws Exception {
    String experiment = unique("signal");
    Process job = start(experiment, Duration.ZERO);
    try (var output = job.inputReader(StandardCharsets.UTF_8)) {
      String id = runOf(output);
      job.destroy();
      assertThat(job.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(job.exitValue()).isEqualTo(143);
      try (MlflowConnection connection = open(experiment, "")) {
        Run run = connection.tracking().run(id);
        assertThat(run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.tags().get(MlflowTags.ERROR)).contains("stopped (SIGTERM");
      }
    } finally {
      job.destroyForcibly();
    }
  }

  @Test
  @Tag("usual-server")
  void theRunOfAKilledJobIsEndedByTheNextJob() throws Exception {
    String experiment = unique("killed");
    Process job = start(experiment, Duration.ofMinutes(-11));
    String killed;
    try (var output = job.inputReader(StandardCharsets.UTF_8)) {
      killed = runOf(output);
    } finally {
      job.destroyForcibly().waitFor();
    }
    try (MlflowConnection connection = open(experiment, "")) {
      assertThat(connection.tracking().run(killed).status()).isEqualTo(RunStatus.RUNNING);
      RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
      try (ActiveRun next = tracker.open(ORIGIN);
          ActiveRun another = tracker.open(ORIGIN)) {
        Run ended = connection.tracking().run(killed);
        assertThat(ended.status()).isEqualTo(RunStatus.KILLED);
        assertThat(ended.tags().get(MlflowTags.ERROR)).contains("gave no sign");
        assertThat(connection.tracking().run(next.run().id()).status())
            .isEqualTo(RunStatus.RUNNING);
        another.finish();
        next.finish();
      }
    }
  }

  /** Starts a {@link StoppedJob} whose clock is off by a duration. */
  private Process start(String experiment, Duration offset) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StoppedJob.class.getName(),
                server.uri().toString(),
                experiment,
                offset.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(server.environment());
    return builder.start();
  }

  private static String runOf(BufferedReader output) throws IOException {
    String line = output.readLine();
    while (line != null && !line.startsWith("run ")) {
      line = output.readLine();
    }
    assertThat(line).startsWith("run ");
    return String.valueOf(line).substring(4);
  }

  /** A job that opens a run and then works for an hour. */
  static final class StoppedJob {
    public static void main(String[] args) throws InterruptedException {
      MlflowConnection connection =
          MlflowConnection.open(settings(System.getenv(), URI.create(args[0]), args[1], ""));
      Clock clock = Clock.offset(Clock.systemUTC(), Duration.parse(args[2]));
      ActiveRun run = new RunTracker(connection, clock).open(ORIGIN);
      System.out.println("run " + run.run().id());
      Thread.sleep(3_600_000);
    }
  }

  private ModelFolder model() {
    return TestModels.small(folder.resolve("model"));
  }

  private static DeltaInput input(DeltaInput.Use use, String digest) {
    return new DeltaInput(use, "wine", digest, "/data/wine", 0, List.of("alcohol"), 1199);
  }

  private static ModelRegistrar registrar(MlflowConnection connection, String name) {
    return new ModelRegistrar(connection.registry(), TestRegistrySettings.named(name), pause -> {});
  }

  private MlflowConnection open(String experiment, String runId) {
    return MlflowConnection.open(settings(server.environment(), server.uri(), experiment, runId));
  }

  static MlflowSettings settings(
      Map<String, String> login, URI address, String experiment, String runId) {
    Map<String, String> environment = new HashMap<>(login);
    environment.put("MLFLOW_TRACKING_URI", address.toString());
    environment.put("MLFLOW_EXPERIMENT_NAME", experiment);
    environment.put("MLFLOW_RUN_ID", runId);
    return MlflowSettings.ofEnvironment(environment);
  }

  private static String unique(String name) {
    return name + "-" + UUID.randomUUID();
  }

  private static JsonNode metric(JsonNode run, String key) {
    for (JsonNode metric : run.path("data").path("metrics")) {
      if (metric.path("key").asText().equals(key)) {
        return metric.path("value");
      }
    }
    throw new AssertionError("no metric " + key);
  }

  private List<String> history(String runId, String key) throws IOException {
    // without max_results MLflow 3.8 returns none
    JsonNode points =
        server
            .get("metrics/get-history", "run_id", runId, "metric_key", key, "max_results", "1000")
            .path("metrics");
    return IntStream.range(0, points.size())
        .mapToObj(points::get)
        .map(point -> point.path("step").asLong() + "=" + point.path("value").asDouble())
        .toList();
  }
}
