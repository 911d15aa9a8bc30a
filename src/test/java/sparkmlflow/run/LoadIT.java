package sparkmlflow.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import sparkmlflow.MlflowConnection;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.registry.ModelRegistrar;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import testing.MlflowServer;
import testing.ServerKind;
import winequality.gate.TestRegistrySettings;

/** Many jobs, many values and large files on a real MLflow server: {@code mvn verify -Pload}. */
@Tag("load")
@ParameterizedClass
@MethodSource("testing.ServerKind#eachStore")
class LoadIT {

  private static final int JOBS = 8;
  private static final int RUNS_OF_A_JOB = 25;
  private static final long GIGABYTE = 1L << 30;
  private static final RunOrigin ORIGIN = new RunOrigin("ada", "load", SourceType.JOB, Map.of());

  private final MlflowServer server;
  private final Path folder;
  private final String name = "load-" + UUID.randomUUID();

  LoadIT(ServerKind kind, @TempDir Path folder) {
    server = MlflowServer.of(kind);
    this.folder = folder;
  }

  @Test
  void ofTwoHundredRunsByEightJobsNoneIsLostNoVersionIsDoubleAndTheAliasFollows() throws Exception {
    List<Process> jobs = new ArrayList<>();
    for (int job = 0; job < JOBS; job++) {
      jobs.add(child(ManyRuns.class, "-Xmx256m", name, String.valueOf(job)));
    }
    for (Process job : jobs) {
      assertThat(job.waitFor(20, TimeUnit.MINUTES)).isTrue();
      assertThat(job.exitValue()).isZero();
    }

    List<String> expected = ManyRuns.names(IntStream.range(0, JOBS)).toList();
    try (MlflowConnection connection = open()) {
      JsonNode runs =
          server
              .post(
                  "runs/search",
                  Map.of(
                      "experiment_ids",
                      List.of(connection.tracking().experimentNamed(name).orElseThrow().id()),
                      "max_results",
                      1000))
              .path("runs");
      Set<String> ids = new HashSet<>();
      List<String> params = new ArrayList<>();
      for (JsonNode run : runs) {
        ids.add(run.at("/info/run_id").asText());
        assertThat(run.at("/info/status").asText()).isEqualTo("FINISHED");
        params.add(run.at("/data/params/0/value").asText());
        assertThat(run.at("/data/metrics/0/value").asDouble()).isEqualTo(99.0);
      }
      assertThat(params).containsExactlyInAnyOrderElementsOf(expected);

      List<ModelVersion> versions = connection.registry().versions(name);
      assertThat(versions)
          .extracting(ModelVersion::number)
          .containsExactlyInAnyOrderElementsOf(
              IntStream.rangeClosed(1, expected.size()).mapToObj(Long::valueOf).toList());
      assertThat(versions).extracting(ModelVersion::runId).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(versions).extracting(ModelVersion::status).containsOnly(ModelVersion.Status.READY);
      // The registry has no locks: of jobs that register at the same moment, the slower may be
      // last.
      assertThat(challenger(connection)).isBetween(expected.size() - JOBS + 1, expected.size());
    }
    Process one = child(ManyRuns.class, "-Xmx256m", name, String.valueOf(JOBS));
    assertThat(one.waitFor(20, TimeUnit.MINUTES)).isTrue();
    try (MlflowConnection connection = open()) {
      assertThat(challenger(connection)).isEqualTo(expected.size() + RUNS_OF_A_JOB);
    }
  }

  private int challenger(MlflowConnection connection) {
    Map<String, String> aliases = connection.registry().model(name).orElseThrow().aliases();
    assertThat(aliases).containsOnlyKeys("challenger");
    return Integer.parseInt(aliases.getOrDefault("challenger", ""));
  }

  @Test
  void tenThousandValuesArriveInTenBatchesCompleteAndInOrder() throws IOException {
    List<Double> values =
        DoubleStream.iterate(0.5, value -> value + 1).limit(10_000).boxed().toList();
    String id;
    try (ScriptedServer counting = ScriptedServer.start()) {
      counting.otherwise(ScriptedServer.forward(server.uri()));
      try (MlflowConnection connection =
          MlflowConnection.open(
              RealMlflowIT.settings(server.environment(), counting.uri(), name, ""))) {
        id =
            new RunTracker(connection, Clock.systemUTC())
                .during(
                    ORIGIN,
                    run -> {
                      run.metric("objective", 0, values);
                      return run.run().id();
                    });
      }
      assertThat(counting.requests("runs/log-batch")).hasSize(10);
    }
    List<Double> arrived = new ArrayList<>();
    String token = "";
    do {
      JsonNode page =
          server.get(
              "metrics/get-history",
              "run_id",
              id,
              "metric_key",
              "objective",
              "max_results",
              "25000",
              "page_token",
              token);
      for (JsonNode point : page.path("metrics")) {
        assertThat(point.path("step").asInt()).isEqualTo(arrived.size());
        arrived.add(point.path("value").asDouble());
      }
      token = page.path("next_page_token").asText("");
    } while (!token.isEmpty());
    assertThat(arrived).isEqualTo(values);
  }

  /** The heap of the job is an eighth of the file. */
  @Test
  void aModelFolderOfAGigabyteGoesUpAndComesDownInASmallHeap() throws Exception {
    Process job = child(LargeModel.class, "-Xmx128m", name, folder.toString());

    assertThat(job.waitFor(20, TimeUnit.MINUTES)).isTrue();
    assertThat(job.exitValue()).isZero();

    assertThat(folder.resolve("down/sparkml/metadata/part-00000")).hasSize(GIGABYTE);
  }

  /** The server begins to read when the limit of a small file is over. */
  @Test
  void aLargeFileGoesToASlowServerWithinALimitThatFollowsItsSize() throws IOException {
    Duration limit = Duration.ofSeconds(15);
    HttpServer slow =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    slow.createContext(
        "/",
        exchange -> {
          LockSupport.parkNanos(limit.plusSeconds(1).toNanos());
          exchange.getRequestBody().skipNBytes(GIGABYTE);
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    slow.start();
    try (MlflowConnection connection =
        MlflowConnection.open(
            TestSettings.waiting(
                URI.create("http://127.0.0.1:" + slow.getAddress().getPort()), limit))) {
      Path large = TestModels.withPart(folder.resolve("model"), GIGABYTE).directory();
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
      connection
          .artifacts(run)
          .upload(LocalFiles.in(large, List.of("sparkml/metadata/part-00000")), "model");
    } finally {
      slow.stop(0);
    }
  }

  private MlflowConnection open() {
    return MlflowConnection.open(
        RealMlflowIT.settings(server.environment(), server.uri(), name, ""));
  }

  /** Starts a main class of this file in a JVM of its own. */
  private Process child(Class<?> main, String heap, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        // Surefire talks to this JVM by its standard output
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(server.environment());
    return builder.start();
  }

  private static MlflowConnection opened(String experiment) {
    return MlflowConnection.open(
        RealMlflowIT.settings(
            System.getenv(), URI.create(System.getenv("MLFLOW_TRACKING_URI")), experiment, ""));
  }

  /** A job that logs and registers one model after the other. */
  static final class ManyRuns {

    static Stream<String> names(IntStream jobs) {
      return jobs.boxed()
          .flatMap(
              job -> IntStream.range(0, RUNS_OF_A_JOB).mapToObj(i -> "job " + job + ", run " + i));
    }

    public static void main(String[] args) throws IOException {
      Path folder = Files.createTempDirectory("load");
      try (MlflowConnection connection = opened(args[0])) {
        RunTracker tracker = new RunTracker(connection, Clock.systemUTC());
        ModelRegistrar registrar =
            new ModelRegistrar(
                connection.registry(),
                TestRegistrySettings.named(args[0]),
                pause -> Thread.sleep(pause.toMillis()));
        for (String one : names(IntStream.of(Integer.parseInt(args[1]))).toList()) {
          VerifiedFolder upload =
              tracker.during(
                  ORIGIN,
                  run -> {
                    run.params(Map.of("name", one));
                    run.metric(
                        "objective",
                        0,
                        DoubleStream.iterate(0, value -> value + 1).limit(100).boxed().toList());
                    return run.model(TestModels.small(folder));
                  });
          registrar.register(upload, one, Map.of());
        }
      }
    }
  }

  /** A job that sends a model folder of a gigabyte and fetches it again. */
  static final class LargeModel {
    public static void main(String[] args) {
      Path folder = Path.of(args[1]);
      try (MlflowConnection connection = opened(args[0])) {
        VerifiedFolder up =
            new RunTracker(connection, Clock.systemUTC())
                .during(
                    ORIGIN, run -> run.model(TestModels.withPart(folder.resolve("up"), GIGABYTE)));
        Run run = connection.tracking().run(up.runId());
        VerifiedFolder down = connection.artifacts(run).download("model", folder.resolve("down"));
        if (!down.digest().equals(up.digest())) {
          throw new IllegalStateException("What came down is not what went up.");
        }
      }
    }
  }
}
