package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import sparkmlflow.LogLines;
import sparkmlflow.MlflowConnection;
import sparkmlflow.TestSettings;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import testing.MlflowServer;
import testing.ServerKind;
import testing.SparkTest;
import winequality.ExitCode;
import winequality.JobTags;
import winequality.data.DataRefusedException;
import winequality.data.WineFiles;

/** The scheduled job, night after night, on the real red wines and a real MLflow server. */
@ParameterizedClass
@MethodSource("testing.ServerKind#eachVersion")
class RetrainingIT extends SparkTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private final MlflowServer server;
  private final String model = "nightly-" + UUID.randomUUID();
  private final MlflowConnection connection;
  private Path source = Path.of("unset");
  private JobRuns jobs = new JobRuns(SparkTest.session(), Path.of("unset"));

  RetrainingIT(ServerKind kind) {
    server = MlflowServer.of(kind);
    connection = MlflowConnection.open(TestSettings.of(server.uri()));
  }

  @BeforeEach
  void open() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
    jobs =
        new JobRuns(
            spark(),
            folder,
            "mlflow.tracking-uri=" + server.uri(),
            "mlflow.experiment-name=" + model,
            "registry.model-name=" + model,
            "learning.reg-param=0.01",
            "data.source=" + source,
            "data.mode=append",
            "data.table=" + folder.resolve("tables/wine"),
            "data.quarantine-table=" + folder.resolve("tables/quarantine"),
            "data.files-table=" + folder.resolve("tables/files"),
            "data.profile-table=" + folder.resolve("tables/profiles"),
            "metrics.bootstrap.replicates=500");
    deliver("monday.csv", 0, 800);
  }

  @AfterEach
  void close() {
    connection.close();
  }

  private Path deliver(String name, int from, int to) {
    List<String> lines = new ArrayList<>(List.of(WineFiles.HEADER));
    lines.addAll(WineFiles.redLines().subList(from + 1, to + 1));
    return WineFiles.write(source.resolve(name), lines);
  }

  private JsonNode retrain(String... assignments) {
    return jobs.run(new RetrainingJob(), assignments);
  }

  private static String decision(JsonNode result) {
    return result.at("/retraining/decision").asText();
  }

  private static String reason(JsonNode result) {
    return result.at("/retraining/reason").asText();
  }

  private List<ModelVersion> versions() {
    return connection.registry().versions(model);
  }

  private static List<String> stages(JsonNode result) {
    return result.get("stages").findValuesAsText("name");
  }

  /** One file has rows of another, and a file of new rows is taken in without a word. */
  @Test
  void filesThatOverlapAreNamedInAWarning() {
    LogLines log = LogLines.record();
    try {
      jobs.run(new TrainingJob(), "registry.enabled=false");
      deliver("tuesday.csv", 800, 1000);
      jobs.run(new TrainingJob(), "registry.enabled=false");
      assertThat(log.recorded()).noneMatch(line -> line.contains("are equal to other rows"));
      deliver("overlap.csv", 400, 1100);
      jobs.run(new TrainingJob(), "registry.enabled=false");
    } finally {
      log.end();
    }
    assertThat(log.recorded())
        .filteredOn(line -> line.contains("are equal to other rows"))
        .singleElement(STRING)
        .matches("6\\d\\d of the 700 new rows are equal to other rows of .*");
  }

  @Test
  @Tag("server-versions")
  void aWeekOfNights() throws IOException {
    JsonNode first = retrain();
    assertThat(first.at("/status").asText()).isEqualTo("registered");
    assertThat(decision(first)).isEqualTo("trained");
    assertThat(reason(first)).startsWith("there is no champion yet; version 1 promoted");
    assertThat(first.at("/retraining/drift").isNull()).isTrue();
    assertThat(connection.registry().model(model).orElseThrow().tags())
        .doesNotContainKey(JobTags.RETRAINING);

    // nothing new: no run, no version, no row is read
    Run dead =
        connection
            .tracking()
            .createRun(
                first.at("/experiment_id").asText(),
                "",
                Instant.now(),
                "dead",
                Map.of("winequality.alive_until", "2026-01-01T00:00:00Z"));
    JsonNode quiet = retrain();
    assertThat(connection.tracking().run(dead.id()).status()).isEqualTo(RunStatus.KILLED);
    assertThat(quiet.at("/status").asText()).isEqualTo("skipped");
    assertThat(decision(quiet)).isEqualTo("skipped");
    assertThat(reason(quiet))
        .startsWith("nothing has changed since version 1 (gate: promoted) was trained");
    assertThat(quiet.at("/retraining/compared_with").asText()).isEqualTo("1");
    assertThat(quiet.at("/model/version").asText()).isEqualTo("1");
    assertThat(quiet.at("/run_id").isNull()).isTrue();
    assertThat(stages(quiet)).containsExactly("look");
    assertThat(versions()).hasSize(1);

    // a touched file is read, and found unchanged
    Files.setLastModifiedTime(source.resolve("monday.csv"), FileTime.fromMillis(1_000_000));
    JsonNode touched = retrain();
    assertThat(decision(touched)).isEqualTo("skipped");
    assertThat(stages(touched)).containsExactly("look", "lease", "data");

    // new rows: trained, and their drift is in the run and in the result
    deliver("tuesday.csv", 800, 1599);
    JsonNode more = retrain();
    assertThat(decision(more)).isEqualTo("trained");
    assertThat(reason(more))
        .startsWith("another version of the table; 799 new rows, largest PSI ")
        .contains("; version 2 ");
    assertThat(more.at("/retraining/compared_with").asText()).isEqualTo("1");
    JsonNode drift = more.at("/retraining/drift");
    assertThat(drift.get("rows").asLong()).isEqualTo(799);
    assertThat(drift.get("columns")).hasSize(12);
    Run run = connection.tracking().run(more.at("/run_id").asText());
    double worst = 0.0;
    for (JsonNode column : drift.get("columns")) {
      worst = Math.max(worst, column.get("psi").asDouble());
    }
    assertThat(worst).isPositive();
    JsonNode metrics = metrics(run.id());
    assertThat(metrics.get("drift_psi_max").asDouble()).isEqualTo(worst);
    assertThat(metrics.get("drift_rows").asDouble()).isEqualTo(799.0);
    assertThat(metrics.get("drift_psi/alcohol").asDouble())
        .isEqualTo(drift.at("/columns/alcohol/psi").asDouble());
    assertThat(metrics.get("drift_mean_shift/pH").asDouble())
        .isEqualTo(drift.at("/columns/pH/mean_shift").asDouble());
    assertThat(connection.artifacts(run).text("drift.json").orElseThrow()).contains("\"psi\"");
    assertThat(connection.artifacts(run).text("plots/drift.png")).isPresent();

    // whatever the gate decided, it would decide the same again
    String word = versions().get(0).tags().getOrDefault("gate", "none");
    assertThat(reason(retrain())).contains("version 2 (gate: " + word + ")");

    // other settings with the same rows are trained; there is no drift
    JsonNode settings = retrain("learning.reg-param=0.001");
    assertThat(decision(settings)).isEqualTo("trained");
    assertThat(reason(settings)).contains("other settings");
    JsonNode tuned = retrain("learning.reg-param=0.001", "retraining.tune=true");
    assertThat(tuned.at("/tuning/points").asInt()).isGreaterThan(100);
    assertThat(versions()).hasSize(4);
    assertThat(decision(retrain("learning.reg-param=0.001", "retraining.tune=true")))
        .isEqualTo("skipped");
  }

  @Test
  void newRowsMayHaveToDriftFarEnoughAndNotTooFar() {
    retrain();
    deliver("tuesday.csv", 800, 1599);
    JsonNode calm = retrain("retraining.drift.trigger-psi=5");
    assertThat(calm.at("/status").asText()).isEqualTo("skipped");
    assertThat(reason(calm))
        .startsWith("another version of the table; 799 new rows")
        .endsWith("no column is beyond retraining.drift.trigger-psi = 5.0");
    assertThat(calm.at("/retraining/drift/rows").asLong()).isEqualTo(799);
    assertThat(versions()).hasSize(1);

    assertThatThrownBy(() -> retrain("retraining.drift.stop-psi=0.0001"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageStartingWith("Nothing was trained: 799 new rows")
        .hasMessageContaining("beyond retraining.drift.stop-psi = 1.0E-4: ");
    assertThat(versions()).hasSize(1);
    assertThat(connection.registry().model(model).orElseThrow().tags())
        .doesNotContainKey(JobTags.RETRAINING);

    assertThat(decision(retrain("retraining.drift.trigger-psi=0.1"))).isEqualTo("trained");
    assertThat(versions()).hasSize(2);
  }

  @Test
  void anotherTableAtTheSamePlaceIsNoReasonToSkip() throws IOException {
    retrain();
    JsonNode scored = jobs.run(new BatchScoringJob(), scoring());
    assertThat(scored.at("/status").asText()).isEqualTo("scored");
    try (Stream<Path> all = Files.walk(folder.resolve("tables"))) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.toString().contains("predictions") && !path.endsWith("tables")) {
          Files.delete(path);
        }
      }
    }
    org.apache.spark.sql.delta.DeltaLog.clearCache();
    deliver("monday.csv", 0, 700);

    JsonNode again = retrain();
    assertThat(decision(again)).as(reason(again)).isEqualTo("trained");
    assertThat(again.at("/table/version").asLong()).isZero();
    assertThat(reason(again)).startsWith("another table; 700 new rows");

    // a table at this version number was scored before
    JsonNode other =
        jobs.run(new BatchScoringJob(), scoring("scoring.alias=", "scoring.version=1"));
    assertThat(other.at("/status").asText()).isEqualTo("scored");
    assertThat(other.at("/rows/accepted").asLong()).isEqualTo(700);
    assertThat(
            spark()
                .read()
                .format("delta")
                .load(folder.resolve("tables/predictions").toString())
                .filter("model_version = 1")
                .count())
        .isEqualTo(700);
  }

  private String[] scoring(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "scoring.table=" + folder.resolve("tables/predictions"),
                "scoring.rejected-table=" + folder.resolve("tables/predictions-rejected")));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void whatCannotBeMeasuredIsNotTakenForHarmless() throws IOException {
    JsonNode first = retrain();
    Run run = connection.tracking().run(first.at("/run_id").asText());
    Path profile =
        server.artifacts().resolve(run.experimentId() + "/" + run.id() + "/artifacts/profile.json");
    Files.move(profile, profile.resolveSibling("elsewhere.json"));
    deliver("tuesday.csv", 800, 1599);

    assertThatThrownBy(() -> retrain("retraining.drift.stop-psi=0.5"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("the drift cannot be measured, so retraining.drift.stop-psi = 0.5")
        .hasMessageContaining("has no file profile.json");
    assertThat(versions()).hasSize(1);

    JsonNode second = retrain();
    assertThat(decision(second)).isEqualTo("trained");
    assertThat(second.at("/gate/decision").asText()).isEqualTo("awaiting-approval");
    assertThat(second.at("/gate/summary").asText()).contains("has no file profile.json");
  }

  @Test
  void whatTheGateDecidedHoldsWhileItWouldDecideTheSame() {
    retrain();
    JsonNode worse = retrain("learning.reg-param=1");
    assertThat(worse.at("/gate/decision").asText()).isEqualTo("rejected");
    retrain("learning.reg-param=2");
    // neither is trained again, whichever was trained last
    assertThat(reason(retrain("learning.reg-param=1"))).contains("version 2 (gate: rejected)");
    assertThat(reason(retrain("learning.reg-param=2"))).contains("version 3 (gate: rejected)");
    // but a gate with other settings may decide differently
    JsonNode tolerant = retrain("learning.reg-param=1", "registry.gate.confidence=0.9");
    assertThat(decision(tolerant)).isEqualTo("trained");
    assertThat(versions()).hasSize(4);
  }

  @Test
  void aTableThatHasNoNewRowDoesNotDrift() {
    retrain();
    spark().sql("DELETE FROM delta.`" + folder.resolve("tables/wine") + "` WHERE alcohol > 12");
    JsonNode fewer = retrain("retraining.drift.trigger-psi=0.1");
    assertThat(fewer.at("/status").asText()).isEqualTo("skipped");
    assertThat(reason(fewer)).isEqualTo("another version of the table; no row is new");
    assertThat(decision(retrain())).isEqualTo("trained");
  }

  @Test
  void whatAFewRowsMayShowByChanceStopsNothing() {
    retrain();
    List<String> twenty = new ArrayList<>(List.of(WineFiles.HEADER));
    for (int i = 1; i <= 800; i += 40) {
      twenty.add(WineFiles.redLines().get(i));
    }
    WineFiles.write(source.resolve("tuesday.csv"), twenty);
    JsonNode few = retrain("retraining.drift.stop-psi=0.1");
    assertThat(decision(few)).isEqualTo("trained");
    JsonNode columns = few.at("/retraining/drift/columns");
    boolean large = false;
    for (JsonNode column : columns) {
      large |= column.get("psi").asDouble() > 0.1;
      assertThat(column.get("psi").asDouble()).isLessThan(column.get("psi_by_chance").asDouble());
    }
    assertThat(large).isTrue();
  }

  @Test
  void ofTwoAtOnceOneTrainsAndTheOtherLeavesOrWaits() throws Exception {
    List<JsonNode> leaving = atOnce();
    assertThat(leaving).extracting(RetrainingIT::decision).containsOnlyOnce("trained");
    assertThat(leaving)
        .extracting(RetrainingIT::reason)
        .anyMatch(reason -> reason.startsWith("another retraining of " + model + " is running"));
    assertThat(versions()).hasSize(1);

    deliver("tuesday.csv", 800, 1599);
    List<JsonNode> waiting = atOnce("retraining.wait=5m");
    assertThat(waiting).extracting(RetrainingIT::decision).containsOnlyOnce("trained");
    assertThat(waiting)
        .extracting(RetrainingIT::reason)
        .anyMatch(reason -> reason.contains("was trained: same rows, settings and code"));
    assertThat(versions()).hasSize(2);
  }

  private List<JsonNode> atOnce(String... assignments) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<JsonNode>> both = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        both.add(threads.submit(() -> retrain(assignments)));
      }
      List<JsonNode> results = new ArrayList<>();
      for (Future<JsonNode> one : both) {
        results.add(one.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  /** A new range writes the rows first and its constraint after them, in a commit of its own. */
  @Test
  void commitsThatChangeNoRowAreNoReasonToTrain() throws IOException {
    String[] wider = {
      "data.mode=replace",
      "dataset.columns="
          + WineFiles.description().columns().stream()
              .map(
                  column ->
                      "{ name = \"%s\", min = %s, max = %s }"
                          .formatted(column.name(), column.min(), column.max() + 1))
              .toList()
    };
    jobs.run(new TrainingJob(), "data.mode=replace");
    assertThat(decision(retrain(wider))).isEqualTo("trained");
    JsonNode quiet = retrain(wider);
    assertThat(decision(quiet)).as(reason(quiet)).isEqualTo("skipped");
    assertThat(stages(quiet)).containsExactly("look");

    Files.setLastModifiedTime(source.resolve("monday.csv"), FileTime.fromMillis(1_000_000));
    JsonNode touched = retrain(wider);
    assertThat(decision(touched)).as(reason(touched)).isEqualTo("skipped");
    assertThat(stages(touched)).containsExactly("look", "lease", "data");
    assertThat(versions()).hasSize(2);

    spark().sql("DELETE FROM delta.`" + folder.resolve("tables/wine") + "` WHERE alcohol > 12");
    assertThat(decision(retrain(wider))).isEqualTo("trained");
  }

  /** The table still has the rows of the champion, but the version that is named has others. */
  @Test
  void anOlderVersionOfTheTableIsTrainedThoughTheTableHasNotChanged() {
    jobs.run(new TrainingJob(), "registry.enabled=false");
    deliver("tuesday.csv", 800, 1599);
    assertThat(retrain().at("/table/version").asLong()).isEqualTo(1);

    JsonNode older = retrain("data.table-version=0");
    assertThat(decision(older)).as(reason(older)).isEqualTo("trained");
    assertThat(reason(older)).startsWith("another version of the table");
    assertThat(older.at("/table/version").asLong()).isZero();
    assertThat(versions()).hasSize(2);
  }

  @Test
  void withoutARegistryThereIsNothingToCompareWith() {
    JobRuns.Outcome outcome = jobs.retraining("--set", "registry.enabled=false");
    assertThat(outcome.code()).isEqualTo(ExitCode.USAGE);
    assertThat(outcome.error()).contains("retraining compares with the champion");
  }

  private JsonNode metrics(String runId) throws IOException {
    JsonNode found =
        JSON.readTree(
                new org.mlflow.tracking.MlflowClient(server.uri().toString())
                    .sendGet("runs/get?run_id=" + runId))
            .at("/run/data/metrics");
    Map<String, Double> metrics = new java.util.TreeMap<>();
    found.forEach(m -> metrics.put(m.get("key").asText(), m.get("value").asDouble()));
    return JSON.valueToTree(metrics);
  }
}
