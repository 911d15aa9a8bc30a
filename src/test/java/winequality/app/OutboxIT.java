package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mlflow.tracking.MlflowClient;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.LogLines;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.VersionFetcher;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import testing.MlflowServer;
import testing.SparkTest;
import winequality.JobTags;
import winequality.app.job.JobReport;
import winequality.app.job.SparkJob;
import winequality.app.job.UsageException;
import winequality.data.WineFiles;

/** Trainings during which a real MLflow server goes away, and what `publish` makes of them. */
class OutboxIT extends SparkTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private final MlflowServer real = MlflowServer.serving();
  private final ScriptedServer way = ScriptedServer.start();
  private final String model = "outbox-" + UUID.randomUUID();
  private final MlflowConnection connection = MlflowConnection.open(TestSettings.of(real.uri()));

  /** What a training records that no outage disturbs. */
  private static @Nullable Recorded undisturbed;

  /** The call from which on the server is away; empty: never. */
  private volatile String lastCall = "";

  private volatile boolean away;
  private Path source = Path.of("unset");
  private JobRuns jobs = new JobRuns(SparkTest.session(), Path.of("unset"));

  @BeforeEach
  void open() {
    source = folder.resolve("wine.csv");
    deliver(800);
    way.otherwise(
        (exchange, request) -> {
          String call = request.method() + " " + request.path();
          away |= !lastCall.isEmpty() && call.contains(lastCall);
          if (!away) {
            ScriptedServer.forward(real.uri()).to(exchange, request);
          }
        });
    jobs =
        new JobRuns(
            spark(),
            folder,
            "mlflow.tracking-uri=" + way.uri(),
            "mlflow.experiment-name=" + model,
            "mlflow.outbox-dir=" + outbox(),
            "mlflow.max-attempts=2",
            "mlflow.backoff=10ms",
            "registry.model-name=" + model,
            "learning.reg-param=0.01",
            "data.source=" + source,
            "data.table=" + folder.resolve("tables/wine"),
            "data.quarantine-table=" + folder.resolve("tables/quarantine"),
            "data.files-table=" + folder.resolve("tables/files"),
            "data.profile-table=" + folder.resolve("tables/profiles"),
            "metrics.bootstrap.replicates=200");
  }

  @AfterEach
  void close() {
    connection.close();
    way.close();
  }

  private Path outbox() {
    return folder.resolve("outbox");
  }

  private void deliver(int rows) {
    List<String> lines = new ArrayList<>(List.of(WineFiles.HEADER));
    lines.addAll(WineFiles.redLines().subList(1, rows + 1));
    WineFiles.write(source, lines);
  }

  private void goesAwayAt(String call) {
    lastCall = call;
  }

  private void isBack() {
    lastCall = "";
    away = false;
  }

  private void loses(SparkJob job, String... assignments) {
    assertThatThrownBy(() -> jobs.run(job, assignments))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("broke off");
  }

  private List<String> logged(Runnable work) {
    LogLines log = LogLines.record();
    try {
      work.run();
    } finally {
      log.end();
    }
    return log.recorded();
  }

  private List<Path> kept() throws IOException {
    if (!Files.isDirectory(outbox())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(outbox())) {
      return entries.sorted().toList();
    }
  }

  private List<ModelVersion> versions() {
    return connection.registry().versions(model);
  }

  private record Recorded(
      Map<String, String> params,
      Map<String, Double> metrics,
      Set<String> tags,
      List<String> paths,
      Set<String> versionTags) {}

  private Recorded recorded(ModelVersion version) {
    Run run = connection.tracking().run(version.runId());
    assertThat(run.status()).isEqualTo(RunStatus.FINISHED);
    return new Recorded(
        run.params(), run.metrics(), run.tags().keySet(), paths(run), version.tags().keySet());
  }

  private void isLikeOneWithoutOutage(ModelVersion version) {
    if (undisturbed == null) {
      String other = model + "-other";
      jobs.run(new TrainingJob(), "registry.model-name=" + other);
      undisturbed = recorded(connection.registry().version(other, "1"));
    }
    assertThat(recorded(version)).isEqualTo(undisturbed);
    // compares the files with the digest in the version's tag
    Path fetched = folder.resolve("fetched");
    assertThat(new VersionFetcher(connection).fetch(version, fetched).fileNames())
        .contains("MLmodel");
  }

  private List<String> paths(Run run) {
    return connection.tracking().files(run.id()).below("").stream()
        .map(file -> file.path().replaceAll("part-[^/]*|_[0-9a-f]{12}", ""))
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PUT /api/2.0/mlflow-artifacts/artifacts/", // the first file of the run
        "POST /api/2.0/mlflow/runs/log-inputs",
        "report.html",
        "MLmodel",
        "/models/m-", // the first file of the logged model
        "POST /api/2.0/mlflow/runs/outputs",
        "POST /api/2.0/mlflow/runs/log-model",
        "POST /api/2.0/mlflow/registered-models/create",
        "POST /api/2.0/mlflow/model-versions/create",
        "POST /api/2.0/mlflow/registered-models/alias",
        "POST /api/2.0/mlflow/model-versions/set-tag",
        "gate.json",
        "POST /api/2.0/mlflow/runs/update",
      })
  void whatAnOutageKeepsIsPublishedOnceWhenTheServerIsBack(String call) throws IOException {
    goesAwayAt(call);
    loses(new TrainingJob());
    assertThat(kept()).hasSize(1);
    if (call.contains("create")) {
      assertThat(versions()).isEmpty();
    }

    // a publication that fails at the same call leaves everything for the next one
    loses(new PublicationJob());
    assertThat(kept()).hasSize(1);

    isBack();
    JsonNode published = jobs.run(new PublicationJob());
    assertThat(published.at("/status").asText()).isEqualTo("registered");
    assertThat(kept()).isEmpty();
    assertThat(versions()).hasSize(1);
    ModelVersion version = connection.registry().version(model, "1");
    assertThat(version.aliases()).contains("champion");
    assertThat(version.tag(JobTags.GATE)).contains(JobTags.PROMOTED);
    isLikeOneWithoutOutage(version);

    assertThat(jobs.run(new PublicationJob()).at("/status").asText()).isEqualTo("skipped");
    assertThat(versions()).hasSize(1);
  }

  @Test
  void aLoggedModelThatLostAFileMeanwhileGetsItAgain() throws IOException {
    goesAwayAt("POST /api/2.0/mlflow/model-versions/create");
    loses(new TrainingJob());
    isBack();
    String experiment = connection.tracking().experimentNamed(model).orElseThrow().id();
    Path models = real.artifacts().resolve(experiment).resolve("models");
    try (Stream<Path> files = Files.walk(models)) {
      Files.delete(files.filter(file -> file.endsWith("MLmodel")).findFirst().orElseThrow());
    }

    jobs.run(new PublicationJob());

    ModelVersion version = connection.registry().version(model, "1");
    assertThat(version.source()).startsWith("models:/m-");
    isLikeOneWithoutOutage(version);
    try (Stream<Path> one = Files.list(models)) {
      assertThat(one.filter(each -> each.toString().contains("m-"))).hasSize(2);
    }
  }

  @Test
  void aServerThatComesBackBeforeTheModelIsDoneMissesNothing() throws IOException {
    way.on(
        "POST",
        "runs/log-inputs",
        ScriptedServer.reset(),
        ScriptedServer.reset(),
        ScriptedServer.forward(real.uri()));
    JsonNode result = jobs.run(new TrainingJob());
    assertThat(result.at("/status").asText()).isEqualTo("registered");
    assertThat(kept()).isEmpty();
    isLikeOneWithoutOutage(connection.registry().version(model, "1"));
  }

  @Test
  void theGateJudgesByTheChampionOfTheDayAndTheRowsOfTheTraining() throws IOException {
    goesAwayAt("POST /api/2.0/mlflow/model-versions/create");
    loses(new TrainingJob(), "learning.reg-param=100.0");
    isBack();
    deliver(1500);
    JsonNode champion = jobs.run(new TrainingJob());
    assertThat(champion.at("/gate/decision").asText()).isEqualTo("promoted");

    JsonNode published = jobs.run(new PublicationJob());
    assertThat(published.at("/gate/decision").asText()).isEqualTo("rejected");
    ModelVersion late = versions().get(0);
    assertThat(late.tag(JobTags.GATE_CHAMPION)).contains("1");
    assertThat(late.tag(JobTags.TABLE_VERSION)).contains("0");
    assertThat(connection.registry().version(model, "1").aliases()).contains("champion");
    assertThat(
            connection
                .artifacts(connection.tracking().run(late.runId()))
                .text("report.html")
                .orElseThrow())
        .contains("Gate: rejected");
  }

  @Test
  void theAliasAndTheGateAreThoseOfTheTraining() throws IOException {
    way.on(
        "POST",
        "model-versions/create",
        ScriptedServer.error(403, "PERMISSION_DENIED", "no versions for you"));
    assertThatThrownBy(
            () ->
                jobs.run(new TrainingJob(), "registry.gate.mode=approval", "registry.alias=night"))
        .hasMessageContaining("no versions for you")
        .hasMessageContaining("The finished work is kept in " + outbox());
    assertThat(versions()).isEmpty();
    String run = kept().get(0).getFileName().toString().replaceFirst(".*-", "");
    assertThat(connection.tracking().run(run).status()).isEqualTo(RunStatus.FAILED);

    way.on("POST", "model-versions/create", ScriptedServer.forward(real.uri()));
    assertThatThrownBy(() -> jobs.run(new PublicationJob(), "registry.model-name=another"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("what is kept is for other models");
    JsonNode published = jobs.run(new PublicationJob());
    assertThat(published.at("/gate/decision").asText()).isEqualTo("awaiting-approval");
    assertThat(connection.registry().version(model, "1").aliases()).containsOnly("night");
  }

  @Test
  void aPublicationWithNothingToDoEndsTheRunOfADeadJobAndSaysWhereItLooked() {
    String experiment = connection.tracking().createExperiment(model).id();
    String alive = "winequality.alive_until";
    Run dead =
        connection
            .tracking()
            .createRun(experiment, "", Instant.now(), "key", Map.of(alive, "2026-01-01T00:00:00Z"));
    assertThat(logged(() -> jobs.run(new PublicationJob())))
        .anyMatch(line -> line.startsWith(outbox() + " does not exist, so nothing is kept there."));
    assertThat(connection.tracking().run(dead.id()).status()).isEqualTo(RunStatus.KILLED);
  }

  @Test
  void whatPeopleDidAboutAVersionSinceStays() throws IOException {
    jobs.run(new TrainingJob());
    goesAwayAt("POST /api/2.0/mlflow/runs/update");
    loses(new TrainingJob(), "learning.reg-param=0.001");
    isBack();
    ModelVersion late = versions().get(0);
    connection.registry().setTags(model, late.version(), Map.of(JobTags.GATE, JobTags.ROLLED_BACK));
    jobs.run(new PublicationJob());
    assertThat(connection.registry().version(model, late.version()).tag(JobTags.GATE))
        .contains(JobTags.ROLLED_BACK);
    assertThat(connection.tracking().run(late.runId()).status()).isEqualTo(RunStatus.FINISHED);
    assertThat(kept()).isEmpty();
  }

  @Test
  void aVersionWhoseRowsAreGoneWaitsForAPerson() throws IOException {
    goesAwayAt("POST /api/2.0/mlflow/model-versions/create");
    loses(new TrainingJob());
    isBack();
    FileUtil.fullyDelete(folder.resolve("tables").toFile());
    JsonNode published = jobs.run(new PublicationJob());
    assertThat(published.at("/gate/decision").asText()).isEqualTo("awaiting-approval");
    assertThat(versions().get(0).tag(JobTags.GATE)).contains(JobTags.AWAITING_APPROVAL);
    assertThat(kept()).isEmpty();
  }

  @Test
  void aRunThatIsDeletedDoesNotHinderTheOthers() throws IOException {
    for (int i = 1; i <= 2; i++) {
      goesAwayAt("POST /api/2.0/mlflow/model-versions/create");
      loses(new TrainingJob());
      isBack();
    }
    String deleted = kept().get(0).getFileName().toString().replaceFirst(".*-", "");
    new MlflowClient(real.uri().toString()).deleteRun(deleted);
    assertThatThrownBy(() -> jobs.run(new PublicationJob()))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("Run " + deleted + " is deleted.")
        .hasMessageContaining("or delete " + kept().get(0));
    assertThat(kept()).hasSize(1);
    assertThat(versions()).hasSize(1);
  }

  @Test
  void aTuningIsKeptToo() throws IOException {
    goesAwayAt("POST /api/2.0/mlflow/runs/log-batch");
    assertThat(
            logged(
                () ->
                    loses(
                        new TuningJob(),
                        "tuning.child-runs=alpha",
                        "tuning.path-length=5",
                        "tuning.folds=3")))
        .anyMatch(line -> line.startsWith("Child runs may be missing, because MLflow is away"));
    isBack();
    jobs.run(new PublicationJob());
    Run run = connection.tracking().run(versions().get(0).runId());
    assertThat(run.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(run.params()).containsKey("cvFolds");
    assertThat(paths(run)).contains("cv_results.json");
  }

  @Test
  void aDamagedFolderIsNamedAndTheOthersOfTheModelArePublished() throws IOException {
    goesAwayAt("POST /api/2.0/mlflow/model-versions/create");
    loses(new TrainingJob());
    isBack();
    goesAwayAt("POST /api/2.0/mlflow/model-versions/create");
    loses(new TrainingJob(), "learning.reg-param=0.02");
    isBack();
    goesAwayAt("POST /api/2.0/mlflow/model-versions/create");
    loses(new TrainingJob(), "registry.model-name=" + model + "-other");
    isBack();
    assertThat(kept()).hasSize(3);
    Path damaged = kept().get(0);
    Files.writeString(damaged.resolve("artifacts/model/MLmodel"), "flavors: {}");
    Files.createDirectory(outbox().resolve("half"));
    JobReport report = new JobReport();
    assertThatThrownBy(() -> jobs.run(new PublicationJob(), report))
        .isInstanceOf(DamagedFilesException.class)
        .hasMessageContaining("missing, changed or foreign files: artifacts/model/MLmodel")
        .hasMessageContaining(damaged.toString());
    // the failure is not that of the run that was published
    assertThat(JobRuns.json(report, folder).at("/run_id").isNull()).isTrue();
    assertThat(versions()).hasSize(1);
    assertThat(kept()).hasSize(3).startsWith(damaged).endsWith(outbox().resolve("half"));
    assertThat(connection.registry().versions(model + "-other")).isEmpty();
    assertThat(JSON.readTree(damaged.resolve("run.json").toFile()).at("/version/model").asText())
        .isEqualTo(model);
    FileUtil.fullyDelete(damaged.toFile());
    jobs.run(new PublicationJob(), "registry.model-name=" + model + "-other");
    assertThat(connection.registry().versions(model + "-other")).hasSize(1);
  }

  @Test
  void withoutAnOutboxTheFirstFailureEndsTheJob() throws IOException {
    goesAwayAt("POST /api/2.0/mlflow/runs/log-inputs");
    loses(new TrainingJob(), "mlflow.on-outage=fail");
    assertThat(kept()).isEmpty();
    assertThat(way.requests("report.html")).isEmpty();
  }
}
