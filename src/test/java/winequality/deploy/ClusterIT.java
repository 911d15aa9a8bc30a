package winequality.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.MlflowServer;
import testing.PythonEnv;
import testing.SparkTest;
import winequality.data.WineFiles;

/**
 * Training on a real Spark standalone cluster, a master and two workers as {@code wine cluster up}
 * starts them, beside the same training on one machine.
 *
 * <p>The executors are processes that were given nothing but what spark-submit sends: the jar and
 * Delta's. The table is 160,000 rows in small splits, so that a stage has many tasks and a worker
 * can be seen to die between the first and the last.
 */
class ClusterIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path CHECKOUT = Path.of("").toAbsolutePath();
  private static final int COPIES = 100;

  @TempDir static Path shared;

  private static Path source = Path.of("");
  private static Map<String, Double> onOneMachine = Map.of();

  private String master = "";

  @BeforeAll
  static void trainOnOneMachine() throws Exception {
    copyTheProject();
    List<String> lines = new ArrayList<>(List.of(WineFiles.HEADER));
    List<String> wines = WineFiles.redLines().subList(1, WineFiles.redLines().size());
    for (int copy = 0; copy < COPIES; copy++) {
      lines.addAll(wines);
    }
    source = WineFiles.write(shared.resolve("wines.csv"), lines);
    onOneMachine = train("one-machine", "local[2]").coefficients();
  }

  @BeforeEach
  void startTheCluster() throws Exception {
    Ended up = wine("cluster", "up");
    assertThat(up.code()).as(up.output()).isZero();
    assertThat(wine("cluster", "status").output()).contains("runs at spark://", "(2 workers");
    master = up.output().replaceFirst("(?s).*?(spark://\\S+).*", "$1");
  }

  @AfterAll
  static void stopTheCluster() throws Exception {
    List<ProcessHandle> all = processes();
    assertThat(wine("cluster", "down").output()).contains("Spark cluster stopped");
    assertThat(all).isNotEmpty().noneMatch(ClusterIT::runs);
    assertThat(wine("cluster", "status").output()).contains("does not run");
  }

  @Test
  void coefficientsAreThoseOfOneMachine() throws Exception {
    assertThatTheyAreEqual(train("cluster", master).coefficients());
  }

  @Test
  void predictionsAreThoseOfOneMachineAlsoWhenAWorkerIsKilled() throws Exception {
    score("scored-here", "local[2]").end("scored");
    score("scored-there", master).end("scored");
    assertThat(predictions("scored-there")).isEqualTo(predictions("scored-here"));

    int port = freePort();
    Job job = score("scored-in-spite", master, page(port));
    killAWorker(job, port);
    assertThat(job.end("scored").output()).contains("Lost executor", "worker lost");
    assertThat(predictions("scored-in-spite")).isEqualTo(predictions("scored-here"));
  }

  private static Job score(String name, String master, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("score"));
    arguments.addAll(common(name, master));
    arguments.addAll(
        List.of(
            "--set",
            "registry.model-name=one-machine",
            "--set",
            "scoring.source=" + source,
            "--set",
            "scoring.table=" + shared.resolve("tables/" + name),
            "--set",
            "scoring.rejected-table=" + shared.resolve("tables/" + name + "-rejected")));
    arguments.addAll(List.of(more));
    return started(name, arguments);
  }

  /** Every row with its prediction and how often it is there, in an order of their own. */
  private static List<String> predictions(String name) {
    List<String> rows =
        SparkTest.session()
            .read()
            .format("delta")
            .load(shared.resolve("tables/" + name).toString())
            .drop("scored_at")
            .groupBy("alcohol", "pH", "density", "sulphates", "prediction", "model_version")
            .count()
            .collectAsList()
            .stream()
            .map(Row::mkString)
            .sorted()
            .toList();
    assertThat(rows).hasSizeGreaterThan(1000);
    return rows;
  }

  @Test
  void aWorkerThatIsKilledInTheMiddleChangesNothing() throws Exception {
    int port = freePort();
    Job job = start("killed", master, page(port));
    killAWorker(job, port);
    Trained trained = job.end();
    assertThat(trained.output()).contains("Lost executor", "worker lost");
    assertThat(wine("cluster", "status").output()).contains("is damaged", "(1 of 2 workers)");
    assertThatTheyAreEqual(trained.coefficients());
  }

  /** What gives the driver a page, which says how far it is. */
  private static String[] page(int port) {
    return new String[] {"--conf", "spark.ui.enabled=true", "--conf", "spark.ui.port=" + port};
  }

  private static void killAWorker(Job job, int port) throws Exception {
    URI applications = URI.create("http://127.0.0.1:" + port + "/api/v1/applications");
    await(job, applications, ClusterIT::inTheMiddle);
    // as if the machine was gone: the worker and its executor at once, without a word to anybody
    ProcessHandle worker = processes().get(processes().size() - 1);
    List<ProcessHandle> executors = worker.descendants().toList();
    assertThat(executors).isNotEmpty();
    worker.destroyForcibly();
    executors.forEach(ProcessHandle::destroyForcibly);

    await(job, applications, ClusterIT::hasLostATask);
  }

  /** The launcher with a jar that is newer than its sources, so that nothing is built here. */
  private static void copyTheProject() throws IOException {
    Path target = Files.createDirectories(shared.resolve("target"));
    for (String folder : List.of("deploy/local", "conf", "conf/dataset")) {
      Path copy = Files.createDirectories(shared.resolve(folder));
      try (Stream<Path> files = Files.list(CHECKOUT.resolve(folder))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    Files.createDirectories(shared.resolve("jobs"));
    Files.writeString(shared.resolve("pom.xml"), "<project/>");
    Files.createSymbolicLink(target.resolve("delta"), CHECKOUT.resolve("target/delta"));
    Path jar = Path.of(System.getProperty("winequality.jar"));
    Files.copy(jar, target.resolve(jar.getFileName()));
  }

  private static void assertThatTheyAreEqual(Map<String, Double> coefficients) {
    assertThat(coefficients).hasSize(12).containsOnlyKeys(onOneMachine.keySet());
    assertThat(onOneMachine.values()).anyMatch(value -> value != 0.0);
    onOneMachine.forEach(
        (name, value) ->
            assertThat(coefficients.get(name)).as(name).isCloseTo(value, within(1e-9)));
  }

  /** A stage has ended some of its tasks, and every executor is at work on another. */
  private static boolean inTheMiddle(List<JsonNode> stages, List<JsonNode> executors) {
    List<JsonNode> workers =
        executors.stream()
            .filter(executor -> !executor.get("id").asText().equals("driver"))
            .toList();
    return workers.size() == 2
        && workers.stream().allMatch(executor -> executor.get("activeTasks").asInt() > 0)
        && stages.stream()
            .filter(stage -> stage.get("status").asText().equals("ACTIVE"))
            .anyMatch(
                stage -> {
                  int complete = stage.get("numCompleteTasks").asInt();
                  return complete >= 2 && stage.get("numTasks").asInt() - complete >= 4;
                });
  }

  private static boolean hasLostATask(List<JsonNode> stages, List<JsonNode> executors) {
    return stages.stream().anyMatch(stage -> stage.get("numFailedTasks").asInt() > 0);
  }

  /** Until the driver's page says so of the job's stages and executors. */
  private static void await(
      Job job, URI applications, BiPredicate<List<JsonNode>, List<JsonNode>> condition)
      throws Exception {
    while (job.process().isAlive()) {
      try {
        String id = read(applications).get(0).get("id").asText();
        if (condition.test(
            list(URI.create(applications + "/" + id + "/stages")),
            list(URI.create(applications + "/" + id + "/executors")))) {
          return;
        }
      } catch (IOException notYet) {
        // the driver has no page before its session is open
      }
      Thread.sleep(20);
    }
    throw new AssertionError("The job ended before that was seen:\n" + job.output());
  }

  private static List<JsonNode> list(URI page) throws IOException {
    List<JsonNode> all = new ArrayList<>();
    read(page).forEach(all::add);
    return all;
  }

  private static JsonNode read(URI page) throws IOException {
    try (InputStream content = page.toURL().openStream()) {
      return JSON.readTree(content);
    }
  }

  /** Master and workers, in the order in which they were started, less those that are gone. */
  private static List<ProcessHandle> processes() throws IOException {
    List<ProcessHandle> all = new ArrayList<>();
    JsonNode record = JSON.readTree(shared.resolve("state/cluster/server.json").toFile());
    for (JsonNode process : record.get("processes")) {
      ProcessHandle.of(process.get("pid").asLong()).ifPresent(all::add);
    }
    return all;
  }

  private static boolean runs(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }

  private record Trained(Map<String, Double> coefficients, String output) {}

  private record Job(Process process, Path result, Path log) {

    String output() throws IOException {
      return Files.readString(log, UTF_8);
    }

    Trained end() throws Exception {
      Ended ended = end("registered");
      JsonNode json = JSON.readTree(result.toFile());
      assertThat(json.at("/rows/read").asInt()).isEqualTo(1599 * COPIES);
      Map<String, Double> coefficients = new TreeMap<>();
      json.get("coefficients")
          .properties()
          .forEach(entry -> coefficients.put(entry.getKey(), entry.getValue().asDouble()));
      coefficients.put("(intercept)", json.get("intercept").asDouble());
      return new Trained(coefficients, ended.output());
    }

    Ended end(String status) throws Exception {
      try {
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ended in time").isTrue();
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.exitValue()).as(output()).isZero();
      JsonNode json = JSON.readTree(result.toFile());
      assertThat(json.at("/status").asText()).isEqualTo(status);
      return new Ended(process.exitValue(), output());
    }
  }

  private static Trained train(String name, String master) throws Exception {
    return start(name, master).end();
  }

  private static Job start(String name, String master, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("train"));
    arguments.addAll(common(name, master));
    arguments.addAll(
        List.of(
            "--lambda",
            "0.01",
            "--set",
            "registry.model-name=" + name,
            "--set",
            "data.source=" + source,
            "--set",
            "data.table=" + shared.resolve("tables/" + name),
            "--set",
            "data.quarantine-table=" + shared.resolve("tables/" + name + "-quarantine")));
    arguments.addAll(List.of(more));
    return started(name, arguments);
  }

  private static List<String> common(String name, String master) {
    return List.of(
        "--master",
        master,
        "--properties-file",
        CHECKOUT.resolve("deploy/spark/spark-defaults.conf").toString(),
        "--conf",
        "spark.sql.files.maxPartitionBytes=1m",
        "--result",
        shared.resolve(name + ".json").toString());
  }

  private static Job started(String name, List<String> arguments) throws IOException {
    Path log = shared.resolve(name + ".log");
    return new Job(process(log, arguments), shared.resolve(name + ".json"), log);
  }

  private record Ended(int code, String output) {}

  private static Ended wine(String... arguments) throws Exception {
    Path log = Files.createTempFile(shared, "wine", ".log");
    int code = process(log, List.of(arguments)).waitFor();
    return new Ended(code, Files.readString(log, UTF_8));
  }

  private static Process process(Path log, List<String> arguments) throws IOException {
    List<String> command =
        Stream.concat(Stream.of(shared.resolve("deploy/local/wine").toString()), arguments.stream())
            .toList();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(shared.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("(WINE|MLFLOW|SPARK|LOG4J)_.*"));
    environment.put("WINE_STATE", shared.resolve("state").toString());
    environment.put("WINE_VENV", PythonEnv.venv().toString());
    environment.put("MLFLOW_TRACKING_URI", MlflowServer.serving().uri().toString());
    environment.put("SPARK_SUBMIT_OPTS", PythonEnv.SHORT_LIVED);
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    return builder.start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
