package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
import winequality.data.WineFiles;

/**
 * SIGKILL at each boundary of a training and of a publication, in a process of its own and against
 * a real MLflow server. The next job must leave tables, version and aliases as they should be.
 */
@Tag("load")
class KillMatrixIT extends SparkTest {

  private static final int ROWS = 600;

  private enum Moment {
    BEFORE,
    AFTER
  }

  @TempDir Path folder;

  private final MlflowServer real = MlflowServer.serving();
  private final ScriptedServer way = ScriptedServer.start();
  private final String model = "killed-" + UUID.randomUUID();
  private final MlflowConnection connection = MlflowConnection.open(TestSettings.of(real.uri()));

  private List<String> settings = List.of();
  private volatile @Nullable Process victim;
  private volatile String call = "";
  private volatile Moment moment = Moment.BEFORE;

  /** How many such calls are let through. */
  private final AtomicInteger spared = new AtomicInteger();

  private volatile boolean away;

  @BeforeEach
  void open() {
    List<String> lines = new ArrayList<>(List.of(WineFiles.HEADER));
    lines.addAll(WineFiles.redLines().subList(1, ROWS + 1));
    lines.add("not,a,wine");
    Path source = WineFiles.write(folder.resolve("wine.csv"), lines);
    settings =
        List.of(
            "mlflow.tracking-uri=" + way.uri(),
            "mlflow.experiment-name=" + model,
            "mlflow.outbox-dir=" + folder.resolve("outbox"),
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
    way.otherwise(
        (exchange, request) -> {
          String line = request.method() + " " + request.path();
          Process process = victim;
          if (process != null
              && !call.isEmpty()
              && line.contains(call)
              && spared.getAndDecrement() <= 0) {
            if (moment == Moment.AFTER) {
              ScriptedServer.forwardAndLoseAnswer(real.uri()).to(exchange, request);
            }
            process.destroyForcibly();
          } else if (!away) {
            ScriptedServer.forward(real.uri()).to(exchange, request);
          }
        });
  }

  @AfterEach
  void close() {
    connection.close();
    way.close();
  }

  private JobRuns jobs() {
    return new JobRuns(spark(), folder, settings.toArray(String[]::new));
  }

  private Process start(Class<?> job) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    // what Spark needs of the JVM, as this one has it
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-") || argument.startsWith("-Djdk"))
        .forEach(command::add);
    Map.of(
            "spark.master", "local[2]",
            "spark.ui.enabled", "false",
            "spark.driver.host", "127.0.0.1",
            "spark.driver.bindAddress", "127.0.0.1",
            "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(
        List.of(
            "-Xmx1g",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=" + folder,
            "-cp",
            System.getProperty("java.class.path"),
            job.getName()));
    settings.forEach(setting -> command.addAll(List.of("--set", setting)));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("killed.log").toFile());
    builder.environment().keySet().removeIf(key -> key.startsWith("MLFLOW_"));
    return builder.start();
  }

  private void isKilled(Class<?> job) throws Exception {
    Process process = start(job);
    victim = process;
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    victim = null;
    assertThat(process.exitValue())
        .as(Files.readString(folder.resolve("killed.log")))
        .isEqualTo(137);
  }

  private long rows(String table) {
    return spark()
        .read()
        .format("delta")
        .load(folder.resolve("tables/" + table).toString())
        .count();
  }

  private ModelVersion version(ModelVersion listed) {
    return connection.registry().version(model, listed.version());
  }

  private void everythingIsAsItShouldBe(JsonNode last, int mostVersions) {
    assertThat(rows("wine")).isEqualTo(ROWS);
    assertThat(rows("quarantine")).isEqualTo(1);
    List<ModelVersion> versions = connection.registry().versions(model);
    assertThat(versions).hasSizeBetween(1, mostVersions);
    assertThat(versions).extracting(ModelVersion::runId).doesNotHaveDuplicates();
    for (ModelVersion version : versions) {
      assertThat(version.status()).isEqualTo(ModelVersion.Status.READY);
      Path files = folder.resolve("fetched-" + version.version());
      // compares the files with the digest in the version's tag
      assertThat(new VersionFetcher(connection).fetch(version, files).fileNames())
          .contains("MLmodel");
    }
    ModelVersion newest = version(versions.get(0));
    assertThat(newest.runId()).isEqualTo(last.at("/run_id").asText());
    assertThat(connection.tracking().run(newest.runId()).status()).isEqualTo(RunStatus.FINISHED);
    assertThat(newest.tag(JobTags.GATE)).isPresent();
    assertThat(newest.tag(JobTags.GATE_REASONS)).isPresent();
    assertThat(newest.description()).contains("**Gate: ");
    Run run = connection.tracking().run(newest.runId());
    assertThat(run.tags()).containsEntry(JobTags.RUN_GATE, newest.tag(JobTags.GATE).orElseThrow());
    assertThat(connection.artifacts(run).text("gate.json")).isPresent();
    assertThat(connection.artifacts(run).text("report.html").orElseThrow())
        .containsOnlyOnce("Gate: " + newest.tag(JobTags.GATE).orElseThrow());
    assertThat(newest.aliases()).contains("challenger");
    assertThat(versions.stream().filter(each -> version(each).aliases().contains("champion")))
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "runs/create, AFTER, 0",
    "settings.conf, AFTER, 0",
    "runs/log-batch, BEFORE, 0", // the model is fitted
    "runs/log-inputs, AFTER, 0",
    "report.html, BEFORE, 0",
    "MLmodel, BEFORE, 0",
    "MLmodel, AFTER, 0",
    "runs/log-model, AFTER, 0",
    "registered-models/create, AFTER, 0",
    "model-versions/create, BEFORE, 0",
    "model-versions/create, AFTER, 0",
    "registered-models/alias, BEFORE, 0", // challenger
    "POST /api/2.0/mlflow/registered-models/alias, AFTER, 0",
    "POST /api/2.0/mlflow/registered-models/alias, BEFORE, 1", // champion
    "POST /api/2.0/mlflow/registered-models/alias, AFTER, 1",
    "gate.json, BEFORE, 0",
    "runs/update, BEFORE, 0",
    "runs/update, AFTER, 0"
  })
  void aTrainingThatIsKilledAtACallIsMadeGoodByTheNext(String at, Moment when, int after)
      throws Exception {
    call = at;
    moment = when;
    spared.set(after);
    isKilled(TrainingJob.class);
    call = "";
    everythingIsAsItShouldBe(jobs().run(new TrainingJob()), 2);
  }

  /** Files that a stage writes: the process is killed as soon as one is there. */
  @ParameterizedTest
  @ValueSource(strings = {"quarantine/_delta_log", "wine/_delta_log", "wine", "profiles"})
  void aTrainingThatIsKilledWhileItWritesATableIsMadeGoodByTheNext(String path) throws Exception {
    Process process = start(TrainingJob.class);
    Path written = folder.resolve("tables").resolve(path);
    while (process.isAlive() && !hasFiles(written)) {
      Thread.sleep(2);
    }
    process.destroyForcibly().waitFor();
    assertThat(written).exists();
    everythingIsAsItShouldBe(jobs().run(new TrainingJob()), 2);
  }

  private static boolean hasFiles(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isPresent();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "runs/update, AFTER, 0", // the run is opened again
    "report.html, BEFORE, 0",
    "MLmodel, AFTER, 0",
    "runs/log-model, AFTER, 0",
    "model-versions/create, AFTER, 0",
    "POST /api/2.0/mlflow/registered-models/alias, AFTER, 0",
    "POST /api/2.0/mlflow/registered-models/alias, AFTER, 1",
    "gate.json, AFTER, 0",
    "runs/update, AFTER, 1" // the run is finished, the folder still there
  })
  void aPublicationThatIsKilledIsCompletedByTheNext(String at, Moment when, int after)
      throws Exception {
    away = false;
    way.on("POST", "runs/log-inputs", lost());
    assertThatThrownBy(() -> jobs().run(new TrainingJob())).isInstanceOf(MlflowException.class);
    away = false;
    way.on("POST", "runs/log-inputs", ScriptedServer.forward(real.uri()));
    call = at;
    moment = when;
    spared.set(after);
    isKilled(PublicationJob.class);
    call = "";
    JsonNode published = jobs().run(new PublicationJob());
    everythingIsAsItShouldBe(published, 1);
    assertThat(jobs().run(new PublicationJob()).at("/status").asText()).isEqualTo("skipped");
  }

  /** From this call on nothing is answered. */
  private ScriptedServer.Reply lost() {
    return (exchange, request) -> away = true;
  }
}
