package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowTags;
import sparkmlflow.TestSettings;
import sparkmlflow.registry.FetchedVersion;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.VersionFetcher;
import sparkmlflow.tracking.Run;
import testing.MlflowServer;
import testing.SparkTest;
import winequality.ExitCode;
import winequality.JobTags;

/** Promotion, rollback and copies, on the real red wines and real MLflow servers. */
class PromotionIT extends SparkTest {

  /** So strong a penalty that all coefficients are zero: the model predicts the mean. */
  private static final String USELESS = "learning.reg-param=100";

  private static final String FAIR = "learning.reg-param=0.5";
  private static final String WORSE = "learning.reg-param=1";
  private static final String BETTER = "learning.reg-param=0.05";
  private static final String BEST = "learning.reg-param=0.005";

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final String model = "wine-" + UUID.randomUUID();
  private final MlflowConnection connection = MlflowConnection.open(TestSettings.of(server.uri()));
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = jobs();
  }

  private JobRuns jobs(String... more) {
    List<String> common =
        new ArrayList<>(
            List.of(
                "mlflow.tracking-uri=" + server.uri(),
                "registry.model-name=" + model,
                "data.table=" + folder.resolve("tables/wine"),
                "data.quarantine-table=" + folder.resolve("tables/quarantine"),
                "metrics.bootstrap.replicates=500"));
    common.addAll(List.of(more));
    return new JobRuns(spark(), folder, common.toArray(String[]::new));
  }

  @AfterEach
  void close() {
    connection.close();
  }

  private JsonNode train(String... assignments) {
    return jobs.run(new TrainingJob(), assignments);
  }

  private ModelVersion version(String number) {
    return connection.registry().version(model, number);
  }

  private Map<String, String> aliases() {
    return connection.registry().model(model).orElseThrow().aliases();
  }

  private static List<String> failed(JsonNode result) {
    List<String> failed = new ArrayList<>();
    for (JsonNode check : result.at("/gate/checks")) {
      if (!check.get("passed").asBoolean()) {
        failed.add(check.get("name").asText());
      }
    }
    return failed;
  }

  @Test
  void theStoryOfAModel() throws IOException {
    // 1: not better than the mean
    JsonNode useless = train(USELESS, "learning.elastic-net-param=1");
    assertThat(useless.at("/status").asText()).isEqualTo("registered");
    assertThat(useless.at("/gate/decision").asText()).isEqualTo("rejected");
    assertThat(failed(useless)).containsExactly("baseline");
    assertThat(aliases()).isEqualTo(Map.of("challenger", "1"));

    // 2: the first useful one
    JsonNode first = train(FAIR);
    assertThat(first.at("/gate/decision").asText()).isEqualTo("promoted");
    assertThat(first.at("/gate/champion").isNull()).isTrue();
    assertThat(first.at("/model/aliases").toString()).isEqualTo("[\"challenger\",\"champion\"]");
    assertThat(aliases()).isEqualTo(Map.of("challenger", "2", "champion", "2"));

    // 3: worse
    JsonNode worse = train(WORSE);
    assertThat(worse.at("/gate/decision").asText()).isEqualTo("rejected");
    assertThat(worse.at("/gate/champion").asText()).isEqualTo("2");
    assertThat(failed(worse)).containsExactly("rmse", "rmse-bound", "mae");
    assertThat(version("3").tags())
        .containsEntry("gate", "rejected")
        .containsEntry("gate_champion", "2")
        .hasEntrySatisfying("gate_reasons", text -> assertThat(text).contains("FAILED: RMSE 0."));
    assertThat(version("3").description()).contains("**Gate: rejected against version 2");
    assertThat(aliases()).isEqualTo(Map.of("challenger", "3", "champion", "2"));

    // 4: better; the figures of the comparison are those of both models on the same rows
    JsonNode better = train(BETTER);
    assertThat(better.at("/gate/decision").asText()).isEqualTo("promoted");
    assertThat(aliases()).isEqualTo(Map.of("challenger", "4", "champion", "4", "previous", "2"));
    JsonNode rmse = better.at("/gate/checks/4");
    assertThat(rmse.get("name").asText()).isEqualTo("rmse");
    assertThat(rmse.get("value")).isEqualTo(better.at("/metrics/rmse"));
    assertThat(rmse.get("bound").asDouble())
        .isCloseTo(
            first.at("/metrics/rmse").asDouble(), org.assertj.core.api.Assertions.within(1e-9));
    assertThat(version("4").tags())
        .containsEntry("gate", "promoted")
        .containsEntry("replaces", "2")
        .containsEntry("promoted_by", "TrainingJob's gate");
    Run run = connection.tracking().run(better.at("/run_id").asText());
    assertThat(run.tags()).containsEntry("winequality.gate", "promoted");
    assertThat(connection.artifacts(run).text("gate.json").orElseThrow())
        .contains("\"rmse-bound\"");

    // the same model again is not better than itself
    JsonNode same = train(BETTER);
    assertThat(failed(same)).containsExactly("rmse");

    // rollback; the nightly job does not promote the same model again
    JobRuns.Outcome back = jobs.promotion("rollback", "--reason", "odd predictions");
    assertThat(back.code()).isEqualTo(ExitCode.DONE);
    assertThat(back.result().at("/status").asText()).isEqualTo("rolled-back");
    assertThat(back.result().at("/promotion/who").asText()).isEqualTo("ada");
    assertThat(aliases()).isEqualTo(Map.of("challenger", "5", "champion", "2"));
    assertThat(version("4").tags())
        .containsEntry("gate", "rolled-back")
        .containsEntry("rollback_reason", "odd predictions")
        .containsEntry("rolled_back_by", "ada");
    assertThat(version("4").description()).containsPattern("Rolled back.. by ada at .*Z: odd");
    assertThat(back.result().at("/params").isNull()).isTrue();
    JsonNode again = train(BETTER);
    assertThat(failed(again)).containsExactly("rolled-back");
    assertThat(again.at("/gate/summary").asText()).contains("version 4 is the same model");
    JobRuns.Outcome nowhere = jobs.promotion("rollback");
    assertThat(nowhere.code()).isEqualTo(ExitCode.USAGE);
    assertThat(nowhere.error()).contains("no earlier champion is left");
    assertThat(aliases()).containsEntry("champion", "2");

    // approval
    JsonNode waiting = train(BEST, "registry.gate.mode=approval");
    assertThat(waiting.at("/gate/decision").asText()).isEqualTo("awaiting-approval");
    String number = waiting.at("/model/version").asText();
    assertThat(version(number).tags()).containsEntry("gate", "awaiting-approval");
    assertThat(aliases()).containsEntry("champion", "2");
    JobRuns.Outcome approved =
        jobs.promotion("--version", number, "--reason", "looked at the plots");
    assertThat(approved.code()).isEqualTo(ExitCode.DONE);
    assertThat(approved.result().at("/status").asText()).isEqualTo("promoted");
    assertThat(approved.result().at("/promotion/replaced").asText()).isEqualTo("2");
    assertThat(aliases()).containsEntry("champion", number).containsEntry("previous", "2");
    assertThat(version(number).tags())
        .containsEntry("gate", "promoted")
        .containsEntry("promoted_by", "ada")
        .containsEntry("promotion_reason", "looked at the plots");
    assertThat(version(number).description()).contains("**Promoted** by ada at ");

    // the champion's files are damaged: nothing is promoted by default, and a rollback helps
    Run broken = connection.tracking().run(version(number).runId());
    Path part =
        server
            .artifacts()
            .resolve(broken.experimentId())
            .resolve(version(number).source().replace("models:/", "models/"))
            .resolve("artifacts/sparkml");
    delete(part);
    JsonNode unsure = train("learning.reg-param=0.001");
    assertThat(unsure.at("/gate/decision").asText()).isEqualTo("awaiting-approval");
    assertThat(unsure.at("/gate/summary").asText())
        .contains("it cannot be compared with the champion, version " + number)
        .contains("are not those that were registered");
    assertThat(aliases()).containsEntry("champion", number);
    JobRuns.Outcome refused = jobs.promotion("--version", number, "--reason", "again");
    assertThat(refused.error()).contains("is the champion already");
    assertThat(jobs.promotion("rollback").code()).isEqualTo(ExitCode.DONE);
    assertThat(aliases()).containsEntry("champion", "2");
    JobRuns.Outcome damaged = jobs.promotion("--version", number, "--reason", "again");
    assertThat(damaged.code()).isEqualTo(ExitCode.USAGE);
    assertThat(damaged.error())
        .contains("cannot be promoted because it cannot be used")
        .contains("are not those that were registered");
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void whatMakesNoSenseIsRefusedWithAReason() {
    assertThat(jobs.promotion("--version", "1", "--reason", "x").error())
        .contains("There is no registered model " + model);
    train(FAIR);
    for (List<String> words :
        List.of(
            List.of(
                "--version",
                "7",
                "--reason",
                "x",
                "has no version 7; the newest versions are [1], the aliases {"),
            List.of(
                "--version",
                "nobody",
                "--reason",
                "x",
                "has no version nobody; the newest versions are [1]"),
            List.of("--version", "1", "--reason", "x", "is the champion already"),
            List.of("--version", "1", "--reason is missing"),
            List.of("--reason", "x", "--version is missing"),
            List.of("rollback", "--version", "1", "takes no --version"),
            List.of("rolback", "Unknown action"),
            List.of("--version", "1", "--approval-tag", "t", "--reason", "x", "takes no --reason"),
            List.of("rollback", "--approval-tag", "t", "or --approval-tag"),
            List.of("--to", model, "--reason", "x", "names the model that the version belongs to"),
            List.of("--to", "ftp://x", "--reason", "x", "is not a registry to copy to"),
            List.of("--to", "e/f", "--reason", "x", "--to e/f is not the name of a registered"),
            List.of("--as", "x", "--reason", "x", "--to with its address is missing"))) {
      JobRuns.Outcome outcome =
          jobs.promotion(words.subList(0, words.size() - 1).toArray(String[]::new));
      assertThat(outcome.code()).as("%s", words).isEqualTo(ExitCode.USAGE);
      assertThat(outcome.error()).as("%s", words).contains(words.get(words.size() - 1));
    }
    assertThat(aliases()).isEqualTo(Map.of("challenger", "1", "champion", "1"));
  }

  @Test
  void twoTrainingsAtOnceLeaveOneChampionAndTheOneBefore() throws Exception {
    train(FAIR);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<JsonNode>> both = new ArrayList<>();
      for (String penalty : List.of(BETTER, BEST)) {
        both.add(threads.submit(() -> train(penalty)));
      }
      for (Future<JsonNode> one : both) {
        assertThat(one.get().at("/status").asText()).isEqualTo("registered");
      }
    } finally {
      threads.shutdownNow();
    }
    String champion = aliases().getOrDefault("champion", "nobody");
    assertThat(champion).isIn("2", "3");
    assertThat(version(champion).tags()).containsEntry("gate", "promoted");
    String other = champion.equals("2") ? "3" : "2";
    // the slower one was compared with the faster one: promoted over it or rejected
    String previous = aliases().getOrDefault("previous", "nobody");
    assertThat(previous).isIn("1", other);
    if (previous.equals(other)) {
      assertThat(version(champion).tags()).containsEntry("replaces", other);
    } else {
      assertThat(version(champion).tags()).containsEntry("replaces", "1");
    }
    assertThat(jobs.promotion("rollback").code()).isEqualTo(ExitCode.DONE);
    assertThat(aliases()).containsEntry("champion", previous);
  }

  @Test
  void whereRolesAreStagesTheyMoveTheSameWay() {
    jobs = jobs("registry.lifecycle=stages");
    train(FAIR);
    assertThat(version("1").stage()).isEqualTo("Production");
    train(WORSE);
    assertThat(version("2").stage()).isEqualTo("Staging");
    train(BETTER);
    assertThat(version("1").stage()).isEqualTo("Archived");
    assertThat(version("2").stage()).isEqualTo("Archived");
    assertThat(version("3").stage()).isEqualTo("Production");
    assertThat(jobs.promotion("rollback").result().at("/model/version").asText()).isEqualTo("1");
    assertThat(version("1").stage()).isEqualTo("Production");
    assertThat(version("3").stage()).isEqualTo("Archived");
    assertThat(jobs.promotion("--version", "2", "--reason", "try").code()).isEqualTo(ExitCode.DONE);
    assertThat(version("2").stage()).isEqualTo("Production");
    assertThat(aliases()).isEmpty();
  }

  @Test
  void oldVersionsAreDeletedButNeverOneInUse() {
    jobs = jobs("registry.keep-versions=1", "registry.old-versions=delete");
    train(FAIR);
    train(WORSE);
    train(BETTER);
    train(WORSE);
    assertThat(connection.registry().versions(model).stream().map(ModelVersion::version))
        .containsExactly("4", "3", "1");
  }

  @Test
  void withTheGateOffNothingIsDecided() {
    JsonNode result = train(FAIR, "registry.gate.mode=off");
    assertThat(result.at("/gate").isNull()).isTrue();
    assertThat(aliases()).isEqualTo(Map.of("challenger", "1"));
    assertThat(version("1").tags()).doesNotContainKey("gate");
  }

  @Test
  void aVersionGoesToAnotherNameAndToAnotherRegistry() throws IOException {
    train(FAIR);
    String staging = model + "-staging";
    JobRuns.Outcome copied = jobs.promotion("--to", staging, "--reason", "for the testers");
    assertThat(copied.code()).as(copied.error()).isEqualTo(ExitCode.DONE);
    assertThat(copied.result().at("/model/name").asText()).isEqualTo(staging);
    assertThat(copied.result().at("/promotion/origin/version").asText()).isEqualTo("1");
    ModelVersion there = connection.registry().version(staging, "1");
    assertThat(there.source()).isEqualTo(version("1").source()).startsWith("models:/m-");
    assertThat(there.tags())
        .containsEntry("origin_model", model)
        .containsEntry("origin_version", "1")
        .containsEntry("origin_registry", server.uri().toString())
        .containsEntry("table_version", version("1").tags().get("table_version"))
        .containsEntry("gate", "promoted");

    MlflowServer production = MlflowServer.sharingFolder();
    String[] words = {
      "--to", production.uri().toString(), "--as", "prod-" + model, "--reason", "release"
    };
    JobRuns.Outcome released = jobs.promotion(words);
    assertThat(released.code()).as(released.error()).isEqualTo(ExitCode.DONE);
    try (MlflowConnection target = MlflowConnection.open(TestSettings.of(production.uri()))) {
      assertThat(target.registry().model("prod-" + model).orElseThrow().aliases())
          .isEqualTo(Map.of("challenger", "1", "champion", "1"));
      ModelVersion copy = target.registry().version("prod-" + model, "1");
      assertThat(copy.tags())
          .containsEntry("origin_version", "1")
          .containsEntry("origin_run_id", version("1").runId())
          .containsEntry("promoted_by", "ada")
          .containsEntry("rmse", version("1").tags().get("rmse"));
      assertThat(copy.description())
          .contains("Copied from version 1 of `" + model + "`")
          .contains("elastic net for **quality**")
          .contains("**Promoted** by ada")
          .doesNotContain("Gate:");
      assertThat(copy.source()).startsWith("models:/m-");
      assertThat(target.artifacts(target.tracking().run(copy.runId())).list("model")).isNotEmpty();
      FetchedVersion fetched = new VersionFetcher(target).fetch(copy, folder.resolve("fetched"));
      Run run = new VersionFetcher(target).run(fetched.version(), "test");
      assertThat(run.params()).containsEntry("lambda", "0.5");
      assertThat(run.metrics()).containsKey("rmse");
      assertThat(run.tags()).containsKeys(JobTags.RUN_ROWS, MlflowTags.SPARK_VERSION);
      assertThat(target.artifacts(run).text("profile.json")).isPresent();

      ReproductionJob again = new ReproductionJob();
      new picocli.CommandLine(again).parseArgs("--version", "champion");
      assertThat(
              jobs.run(
                      again,
                      "mlflow.tracking-uri=" + production.uri(),
                      "registry.model-name=prod-" + model)
                  .at("/status")
                  .asText())
          .isEqualTo("reproduced");
      // a second call finds the copy
      assertThat(jobs.promotion(words).code()).isEqualTo(ExitCode.DONE);
      assertThat(target.registry().versions("prod-" + model)).hasSize(1);
    }
  }
}
