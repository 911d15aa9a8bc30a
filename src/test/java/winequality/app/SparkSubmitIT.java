package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mlflow.tracking.MlflowClient;
import testing.MlflowServer;
import testing.PythonEnv;
import winequality.data.WineFiles;

/** The jar that ships, under a real spark-submit: exit codes, messages, result file, signals. */
class SparkSubmitIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path LOCAL = Path.of("deploy", "local").toAbsolutePath();
  private static final int NOWHERE = 9; // the discard port: nobody listens there

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final MlflowClient mlflow = new MlflowClient(server.uri().toString());

  // of its own, so that no earlier test has left a champion
  private final String model = "submitted-" + UUID.randomUUID();
  private Class<?> job = TrainingJob.class;
  private List<String> launcher = List.of();
  private List<String> sparkOptions = List.of();
  private String jvmOptions = "";

  private record Ended(int exitCode, String output) {}

  @Test
  void trainAndTuneRegisterVersionsWithFewJobsAndPasses() throws Exception {
    Path result = folder.resolve("result.json");
    Path events = logEventsInto("train");
    Ended ended =
        submit(
            server.uri().toString(),
            "--alpha",
            "0.5",
            "--lambda",
            "0.01",
            "--result",
            result.toString());

    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(ended.output())
        .contains("Elastic net model (alpha=0.5, lambda=0.01):", "  RMSE: ", "  MAE: ", "  R2: ")
        .contains("data done in", "registry done in")
        .contains("1599 rows read, 1599 accepted, 0 quarantined; the table has 1599: ")
        .contains(server.uri() + "/#/experiments/")
        .contains("workflowType=machine_learning");
    JsonNode json = JSON.readTree(Files.readAllBytes(result));
    assertThat(json.get("status").asText()).isEqualTo("registered");
    assertThat(json.at("/rows/read").asLong()).isEqualTo(1599);
    assertThat(json.at("/rows/train").asLong() + json.at("/rows/test").asLong()).isEqualTo(1599);
    assertThat(json.get("error").isNull()).isTrue();
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    assertThat(keys)
        .contains(
            "status",
            "run_id",
            "run_url",
            "experiment_id",
            "model",
            "params",
            "metrics",
            "intercept",
            "coefficients",
            "rows",
            "table",
            "holdout",
            "tuning",
            "gate",
            "stages",
            "error");
    assertThat(jobs(json))
        .isEqualTo(
            Map.of(
                "data", 2L, // the CSV file is read, the table written
                "profile", 2L, // made, and stored
                "learning", 3L, // statistics of the train rows; MLlib's fit and its summary
                "metrics", 1L,
                "model", 4L)); // MLlib writes a file for the pipeline, one or two for each stage
    // of the profile, the statistics and the metrics
    assertThat(cachedRowsRead(events)).isEqualTo(3 * 1599);

    job = TuningJob.class;
    events = logEventsInto("tune");
    ended = submit(server.uri().toString(), "--result", result.toString());

    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(jobs(JSON.readTree(Files.readAllBytes(result))))
        .isEqualTo(
            Map.of(
                "data", 1L, // the CSV file is read
                "tuning", 1L, // statistics of the folds, which are also those of the train rows
                "learning", 2L, // MLlib's fit and its summary
                "metrics", 1L,
                "model", 4L,
                "gate", 1L)); // both models predict the test rows
    // of the folds, the metrics and the gate: the profile is that of the training
    assertThat(cachedRowsRead(events)).isEqualTo(3 * 1599);
  }

  private Path logEventsInto(String name) throws IOException {
    Path events = Files.createDirectories(folder.resolve("events-" + name));
    sparkOptions =
        Stream.of(
                "enabled=true", "rolling.enabled=false", "compress=false", "dir=" + events.toUri())
            .flatMap(option -> Stream.of("--conf", "spark.eventLog." + option))
            .toList();
    return events;
  }

  /** The jobs of each stage that has any. */
  private static Map<String, Long> jobs(JsonNode result) {
    Map<String, Long> jobs = new HashMap<>();
    result
        .get("stages")
        .forEach(stage -> jobs.put(stage.get("name").asText(), stage.get("jobs").asLong()));
    jobs.values().removeIf(number -> number == 0);
    return jobs;
  }

  /** Rows that Spark's queries read from memory, by the metrics of their plans. */
  private static long cachedRowsRead(Path events) throws IOException {
    Set<Long> scans = new HashSet<>();
    Map<Long, Long> values = new HashMap<>();
    try (Stream<Path> logs = Files.list(events)) {
      for (String line : Files.readAllLines(logs.toList().get(0))) {
        JsonNode event = JSON.readTree(line);
        addCachedScans(event.path("sparkPlanInfo"), scans);
        for (JsonNode counter : event.path("Stage Info").path("Accumulables")) {
          values.put(counter.path("ID").asLong(), counter.path("Value").asLong());
        }
      }
    }
    return scans.stream().mapToLong(scan -> values.getOrDefault(scan, 0L)).sum();
  }

  private static void addCachedScans(JsonNode plan, Set<Long> scans) {
    if (plan.path("nodeName").asText().startsWith("InMemoryTableScan")
        || plan.path("nodeName").asText().startsWith("Scan In-memory")) {
      plan.path("metrics").forEach(metric -> scans.add(metric.path("accumulatorId").asLong()));
    }
    plan.path("children").forEach(child -> addCachedScans(child, scans));
  }

  @Test
  void wrongSettingsEndWithTwoAndOneMessage() throws Exception {
    Path result = folder.resolve("result.json");
    Ended ended =
        submit(
            server.uri().toString(),
            "--set",
            "holdout.train-fracton=0.7",
            "--set",
            "learning.standardization=ture",
            "--set",
            "holdout.train-fraction=1.2",
            "--set",
            "learning.reg-param=NaN",
            "--config",
            folder.resolve("none.conf").toString(),
            "--result",
            result.toString());
    assertThat(ended.exitCode()).as(ended.output()).isEqualTo(2);
    assertThat(ended.output())
        .contains("5 problems in the settings:")
        .contains("did you mean \"holdout.train-fraction\"?")
        .contains("learning.standardization is \"ture\"; it must be true or false")
        .contains("holdout.train-fraction is 1.2; it must lie strictly between 0 and 1")
        .contains("learning.reg-param is \"NaN\"; it must be a finite number")
        .contains("none.conf: there is no such file")
        .doesNotContain("\tat ");
    JsonNode json = JSON.readTree(Files.readAllBytes(result));
    assertThat(json.get("status").asText()).isEqualTo("failed");
    assertThat(json.get("error").asText()).contains("5 problems");
  }

  @Test
  void anUnknownOptionEndsWithTwo() throws Exception {
    Ended ended = submit(server.uri().toString(), "--lamda", "1");
    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output()).contains("--lamda");
  }

  @Test
  void aRefusedSourceEndsWithThree() throws Exception {
    Path file =
        WineFiles.write(folder.resolve("no-alcohol.csv"), WineFiles.HEADER.replace(",alcohol", ""));
    Ended ended = submit(server.uri().toString(), "--set", "data.source=" + file);
    assertThat(ended.exitCode()).as(ended.output()).isEqualTo(3);
    assertThat(ended.output()).contains("lacks \"alcohol\"").doesNotContain("\tat ");
  }

  @Test
  void aServerThatIsNotThereEndsWithFour() throws Exception {
    Path result = folder.resolve("result.json");
    Ended ended =
        submit(
            "http://127.0.0.1:" + NOWHERE,
            "--set",
            "mlflow.max-attempts=2",
            "--set",
            "mlflow.backoff=10ms",
            "--result",
            result.toString());
    assertThat(ended.exitCode()).as(ended.output()).isEqualTo(4);
    assertThat(ended.output()).contains("127.0.0.1:" + NOWHERE).doesNotContain("\tat ");
    assertThat(JSON.readTree(Files.readAllBytes(result)).get("status").asText())
        .isEqualTo("failed");
  }

  @Test
  void aDryRunWritesNothing() throws Exception {
    Path result = folder.resolve("result.json");
    Ended ended = submit(server.uri().toString(), "--dry-run", "--result", result.toString());
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    JsonNode json = JSON.readTree(Files.readAllBytes(result));
    assertThat(json.get("status").asText()).isEqualTo("dry-run");
    assertThat(json.get("run_id").isNull()).isTrue();
    assertThat(folder.resolve("tables")).doesNotExist();
  }

  /** An executor formats numbers too, such as those in the names of data files. */
  @Test
  void theLocaleOfDriverAndExecutorsChangesNoNumber() throws Exception {
    String arabic = "-Duser.language=ar -Duser.country=EG";
    sparkOptions =
        List.of(
            "--master",
            "local-cluster[1,1,1024]",
            "--conf",
            "spark.executor.extraJavaOptions=" + arabic);
    jvmOptions = " " + arabic;

    Ended ended =
        submit(
            server.uri().toString(),
            "--lambda",
            "0.01",
            "--set",
            "model.staging-dir=" + folder.resolve("staging"));

    assertThat(ended.exitCode()).as(ended.output()).isZero();
    try (Stream<Path> files = Files.walk(folder.resolve("tables"))) {
      List<String> names = files.map(Path::toString).toList();
      assertThat(names).anyMatch(name -> name.endsWith("/00000000000000000000.json"));
      assertThat(names).allMatch(name -> name.chars().allMatch(c -> c < 128));
    }
    assertThat(ended.output()).contains("  RMSE: 0.668");
  }

  /** SIGINT once MLlib's stages run, which log whole traces; SIGTERM as soon as there is a run. */
  @ParameterizedTest
  @CsvSource({"INT, 130, profile done in", "TERM, 143, ''"})
  void aJobStoppedByASignalLeavesNoRunRunningAndPrintsOneLine(
      String signal, int exitCode, String after) throws Exception {
    // a test that runs in the background of a shell may have been told to ignore SIGINT
    launcher = List.of("env", "--default-signal=INT");
    String experiment = mlflow.createExperiment("stopped " + UUID.randomUUID());
    Path log = folder.resolve("stopped.log");
    Process process =
        start(log, server.uri().toString(), "--set", "mlflow.experiment-id=" + experiment);
    try {
      String runId = awaitRun(experiment, process, log);
      while (process.isAlive() && !Files.readString(log).contains(after)) {
        Thread.sleep(50);
      }
      String before = Files.readString(log);
      // spark-submit's shell has become the JVM by exec, so this is what an operator's kill does
      new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(exitCode);
      assertThat(Files.readString(log).substring(before.length()).lines())
          .filteredOn(line -> !line.contains(" INFO ")) // the job was quicker than the signal
          .singleElement(STRING)
          .endsWith("train was stopped by a signal");
      var run = mlflow.getRun(runId);
      assertThat(run.getInfo().getStatus().name()).isEqualTo("FAILED");
      assertThat(run.getData().getTagsList())
          .anySatisfy(tag -> assertThat(tag.getKey()).isEqualTo("winequality.error"));
    } finally {
      process.destroyForcibly();
    }
  }

  private String awaitRun(String experiment, Process process, Path log) throws Exception {
    while (process.isAlive()) {
      var runs = mlflow.listRunInfos(experiment);
      if (!runs.isEmpty()) {
        return runs.get(0).getRunId();
      }
      Thread.sleep(50);
    }
    throw new AssertionError("The job ended before it opened a run:\n" + Files.readString(log));
  }

  private Ended submit(String trackingUri, String... arguments) throws Exception {
    Path log = folder.resolve("job-" + UUID.randomUUID() + ".log");
    Process process = start(log, trackingUri, arguments);
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ended in time").isTrue();
      return new Ended(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start(Path log, String trackingUri, String... arguments) throws IOException {
    Path spark = PythonEnv.spark();
    String delta = String.join(",", PythonEnv.delta());
    List<String> command = new ArrayList<>(launcher);
    command.addAll(
        List.of(
            spark.resolve("bin/spark-submit").toString(),
            "--master",
            "local[2]",
            "--properties-file",
            LOCAL.resolve("spark-defaults.conf").toString(),
            "--driver-java-options",
            "-Dlog4j2.configurationFile=" + LOCAL.resolve("log4j2.properties") + jvmOptions,
            "--jars",
            delta));
    command.addAll(sparkOptions);
    command.addAll(
        List.of(
            "--class",
            job.getName(),
            System.getProperty("winequality.jar"),
            "--set",
            "registry.model-name=" + model,
            "--set",
            "data.source=" + WineFiles.RED.toAbsolutePath(),
            "--set",
            "data.table=" + folder.resolve("tables/wine"),
            "--set",
            "data.quarantine-table=" + folder.resolve("tables/quarantine")));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(key -> key.startsWith("MLFLOW_"));
    builder.environment().put("MLFLOW_TRACKING_URI", trackingUri);
    builder.environment().put("SPARK_SUBMIT_OPTS", PythonEnv.SHORT_LIVED);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("SPARK_HOME", spark.toString());
    return builder.start();
  }
}
