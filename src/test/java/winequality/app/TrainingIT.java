package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mlflow.tracking.MlflowClient;
import testing.MlflowServer;
import testing.SparkTest;
import winequality.app.job.JobReport;
import winequality.app.job.SparkJob;
import winequality.data.DataRefusedException;
import winequality.data.WineFiles;
import winequality.data.profile.TableProfile;
import winequality.data.profile.TableProfiler;
import winequality.data.table.TableVersion;
import winequality.record.TrainingRecord;

/** The whole job on the real red wines, against a real MLflow server. */
class TrainingIT extends SparkTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final MlflowClient mlflow = new MlflowClient(server.uri().toString());
  private final String model = "wine-" + UUID.randomUUID();

  @Test
  void theRunHoldsWhatTheResultFileSays() throws IOException {
    JsonNode result =
        train(
            "learning.reg-param=0.1",
            "learning.elastic-net-param=0.25",
            "caller.workspace-url=https://workspace.example",
            "caller.job-id=12",
            "caller.run-id=345");

    var run = mlflow.getRun(result.at("/run_id").asText());
    assertThat(run.getInfo().getStatus().name()).isEqualTo("FINISHED");
    Map<String, String> params = new HashMap<>();
    run.getData().getParamsList().forEach(p -> params.put(p.getKey(), p.getValue()));
    assertThat(params)
        .containsEntry("alpha", "0.25")
        .containsEntry("lambda", "0.1")
        .containsEntry("elasticNetParam", "0.25")
        .containsEntry("regParam", "0.1")
        .containsEntry("standardization", "false")
        .containsEntry("trainFraction", "0.75")
        .containsEntry("seed", "42")
        .containsEntry("tableVersion", result.at("/table/version").asText());
    Map<String, Double> metrics = new HashMap<>();
    run.getData().getMetricsList().forEach(m -> metrics.put(m.getKey(), m.getValue()));
    for (String name : List.of("rmse", "mae", "r2", "r2_correlation", "baseline_rmse")) {
      assertThat(metrics).containsEntry(name, result.at("/metrics/" + name).asDouble());
    }
    assertThat(metrics)
        .containsKeys("train_rmse", "train_mae", "train_r2", "train_r2_correlation", "objective");
    assertThat(mlflow.getMetricHistory(run.getInfo().getRunId(), "objective").size())
        .isGreaterThan(3);
    Map<String, String> tags = new HashMap<>();
    run.getData().getTagsList().forEach(t -> tags.put(t.getKey(), t.getValue()));
    assertThat(tags)
        .containsEntry("mlflow.source.type", "JOB")
        .containsEntry("mlflow.source.name", "jobs/12/run/345")
        .containsEntry("mlflow.databricks.jobRunID", "345")
        .containsEntry("winequality.main_class", TrainingJob.class.getName())
        .containsEntry("winequality.table_version", result.at("/table/version").asText())
        .containsEntry("winequality.spark_version", spark().version())
        .containsKeys(
            "mlflow.user",
            "mlflow.note.content",
            "mlflow.log-model.history",
            "winequality.settings_hash",
            "winequality.split_fingerprint",
            "winequality.job_id");
    JsonNode artifacts =
        JSON.readTree(mlflow.sendGet("artifacts/list?run_id=" + run.getInfo().getRunId()));
    assertThat(artifacts.findValuesAsText("path"))
        .contains("model", "settings.conf", "coefficients.json", "profile.json");
    assertThat(run.getInputs().getDatasetInputsList())
        .extracting(input -> input.getTags(0).getValue())
        .containsExactlyInAnyOrder("training", "testing");
  }

  @Test
  void theProfileIsKeptBesideTheVersionAndInTheRun() throws IOException {
    JsonNode result = train("registry.enabled=false");
    String runId = result.at("/run_id").asText();
    TableProfile logged = TableProfile.ofJson(artifact(runId, TrainingRecord.PROFILE));
    assertThat(logged).isEqualTo(new TableProfiler(WineFiles.description()).profile(table(result)));
    List<Row> kept =
        spark()
            .read()
            .format("delta")
            .load(folder.resolve("tables/profiles").toString())
            .filter("column = 'alcohol'")
            .collectAsList();
    assertThat(kept).hasSize(1);
    assertThat(kept.get(0).<Double>getAs("median"))
        .isEqualTo(logged.column("alcohol").orElseThrow().median());
    // an unchanged version is not described again
    JsonNode stage = train("registry.enabled=false").get("stages").get(1);
    assertThat(stage.get("name").asText()).isEqualTo("profile");
    assertThat(stage.get("rows_read").asLong()).isLessThan(200L);
  }

  @Test
  @Tag(SparkTest.COMPILED)
  void theSplitCanBeRecomputedWithOneQueryAndTheMetricsByHand() throws IOException {
    JsonNode result = train("learning.reg-param=0.01");
    Dataset<Row> wines = table(result);
    String trainSql = result.at("/holdout/train_sql").asText();
    assertThat(wines.filter(trainSql).count()).isEqualTo(result.at("/rows/train").asLong());
    double squares = 0;
    double absolutes = 0;
    double trainLabels = 0;
    for (Row row : wines.filter(trainSql).collectAsList()) {
      trainLabels += row.<Double>getAs("quality");
    }
    double mean = trainLabels / result.at("/rows/train").asLong();
    double baseline = 0;
    List<Row> test = wines.filter("not (" + trainSql + ")").collectAsList();
    for (Row row : test) {
      double prediction = result.at("/intercept").asDouble();
      for (String feature : WineFiles.description().features()) {
        prediction +=
            row.<Double>getAs(feature) * result.at("/coefficients").get(feature).asDouble();
      }
      double error = row.<Double>getAs("quality") - prediction;
      squares += error * error;
      absolutes += Math.abs(error);
      baseline += Math.pow(row.<Double>getAs("quality") - mean, 2);
    }
    assertThat(result.at("/metrics/rmse").asDouble())
        .isCloseTo(Math.sqrt(squares / test.size()), within(1e-12));
    assertThat(result.at("/metrics/mae").asDouble())
        .isCloseTo(absolutes / test.size(), within(1e-12));
    assertThat(result.at("/metrics/baseline_rmse").asDouble())
        .isCloseTo(Math.sqrt(baseline / test.size()), within(1e-12));
  }

  @Test
  @Tag(SparkTest.COMPILED)
  void theSameTableGivesTheSameModelAtAnyNumberOfPartitions() throws IOException {
    JsonNode one = train("learning.reg-param=0.01");
    spark().conf().set("spark.sql.files.maxPartitionBytes", "15000");
    spark().conf().set("spark.sql.files.openCostInBytes", "1");
    JsonNode many;
    try {
      many = train("learning.reg-param=0.01");
    } finally {
      spark().conf().unset("spark.sql.files.maxPartitionBytes");
      spark().conf().unset("spark.sql.files.openCostInBytes");
    }
    assertThat(many.get("table")).isEqualTo(one.get("table"));
    assertThat(many.get("rows")).isEqualTo(one.get("rows"));
    assertThat(many.get("holdout")).isEqualTo(one.get("holdout"));
    one.get("coefficients")
        .properties()
        .forEach(
            entry ->
                assertThat(many.get("coefficients").get(entry.getKey()).asDouble())
                    .as(entry.getKey())
                    .isCloseTo(entry.getValue().asDouble(), within(1e-9)));
    one.get("metrics")
        .properties()
        .forEach(
            entry ->
                assertThat(many.get("metrics").get(entry.getKey()).asDouble())
                    .as(entry.getKey())
                    .isCloseTo(entry.getValue().asDouble(), within(1e-9)));
  }

  /** A small table is not read, because the driver has the rows, and its plans are not adapted. */
  @ParameterizedTest
  @CsvSource({"1, 0, 1", "8, 1, 2"})
  void sourceAndTableAreReadOnceEach(int copies, long table, long metricsJobs) throws IOException {
    List<String> red = Files.readAllLines(WineFiles.RED);
    List<String> lines = new ArrayList<>(red.subList(0, 1));
    for (int copy = 0; copy < copies; copy++) {
      // more digits, which differ, so that the table does not shrink to the size of one copy
      for (String line : red.subList(1, red.size())) {
        lines.add(copies == 1 ? line : line.replaceAll("\\.\\d+", "$0" + (300_007 + lines.size())));
      }
    }
    Path source = Files.write(folder.resolve("copies.csv"), lines);
    long rows = 1599L * copies;
    JsonNode stages = train("data.source=" + source).get("stages");
    List<String> names = new ArrayList<>();
    stages.forEach(stage -> names.add(stage.get("name").asText()));
    assertThat(names)
        .containsExactly(
            "data",
            "profile",
            "learning",
            "metrics",
            "model",
            "tracking",
            "report",
            "registry",
            "gate");
    // includes a few lines of Delta's log
    assertThat(stages.get(0).get("rows_read").asLong()).isBetween(rows, rows + 100);
    assertThat(stages.get(1).get("rows_read").asLong()).isBetween(table * rows, table * rows + 100);
    assertThat(stages.get(2).get("rows_read").asLong()).isLessThan(100L);
    assertThat(stages.get(3).get("rows_read").asLong()).isLessThan(100L);
    assertThat(stages.get(4).get("rows_read").asLong()).isZero();
    // the check with its shuffles, the write, Delta's log
    assertThat(stages.get(0).get("jobs").asLong()).isLessThanOrEqualTo(12);
    // the statistics that make the fit exact, and MLlib's two
    assertThat(stages.get(2).get("jobs").asLong()).isEqualTo(3);
    // evaluation, intervals and error profile in one pass; the session's adaptive execution, which
    // only a small table goes without, makes a job of its shuffle
    assertThat(stages.get(3).get("jobs").asLong()).isEqualTo(metricsJobs);
    assertThat(stages.get(4).get("jobs").asLong()).isEqualTo(4);
    // there is no champion to compare a first version with
    for (int stage = 5; stage < 9; stage++) {
      assertThat(stages.get(stage).get("jobs").asLong()).isZero();
    }
  }

  @Test
  void theReportAndItsPlotsAreFilesOfTheRunAndSayWhatTheResultSays() throws IOException {
    JsonNode result = train("learning.reg-param=0");
    String runId = result.at("/run_id").asText();
    assertThat(files(runId, "plots"))
        .containsExactlyInAnyOrder(
            "plots/predicted_vs_actual.png",
            "plots/residuals.png",
            "plots/residuals_vs_predicted.png",
            "plots/error_by_label.png");
    String page = artifact(runId, TrainingRecord.REPORT);
    assertThat(page)
        .startsWith("<!doctype html>")
        .contains(
            "Elastic net for quality of wine",
            result.at("/run_url").asText().replace("&", "&amp;"),
            result.at("/table/location").asText(),
            "standard error")
        .contains(
            String.format(Locale.ROOT, "%.4f", result.at("/metrics/rmse").asDouble()),
            String.format(Locale.ROOT, "%.4f to", result.at("/intervals/rmse/0").asDouble()))
        // the page must open in MLflow's viewer, whatever the table
        .hasSizeLessThan(2_000_000);
    assertThat(result.at("/intervals/rmse/0").asDouble())
        .isLessThan(result.at("/metrics/rmse").asDouble());
    assertThat(result.at("/intervals/rmse/1").asDouble())
        .isGreaterThan(result.at("/metrics/rmse").asDouble());
    // without a penalty the significance tests apply; they cost one more pass
    JsonNode coefficients = JSON.readTree(artifact(runId, "coefficients.json"));
    assertThat(coefficients.get("columns")).hasSize(7);
    assertThat(coefficients.get("data")).hasSize(12);
    assertThat(result.at("/stages/2/jobs").asLong()).isEqualTo(3);
    JsonNode version =
        JSON.readTree(
            mlflow.sendGet(
                "model-versions/get?name="
                    + model
                    + "&version="
                    + result.at("/model/version").asText()));
    assertThat(version.at("/model_version/description").asText())
        .contains("95 % interval", "[Report](", "/artifacts/report.html", "[Run](");
  }

  private String artifact(String runId, String path) throws IOException {
    String root = URI.create(mlflow.getRun(runId).getInfo().getArtifactUri()).getPath();
    try (InputStream file =
        server
            .uri()
            .resolve("/api/2.0/mlflow-artifacts/artifacts" + root + "/" + path)
            .toURL()
            .openStream()) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private List<String> files(String runId, String folder) throws IOException {
    return JSON.readTree(mlflow.sendGet("artifacts/list?path=" + folder + "&run_id=" + runId))
        .get("files")
        .findValuesAsText("path");
  }

  @Test
  @Tag(SparkTest.COMPILED)
  void tuningRegistersTheWinnerOfAllPointsForOneReadingOfTheTable() throws IOException {
    JobReport report = new JobReport();
    run(new TuningJob(), report, "tuning.path-length=20");
    JsonNode result = JobRuns.json(report, folder);

    JsonNode tuning = result.get("tuning");
    assertThat(tuning.get("points").asInt()).isEqualTo(60);
    assertThat(tuning.get("rule").asText()).isEqualTo("minimum");
    assertThat(result.at("/params/alpha")).isEqualTo(tuning.get("alpha"));
    assertThat(result.at("/params/lambda")).isEqualTo(tuning.get("lambda"));
    // the fold of every train row, computed with the expression in the result
    Dataset<Row> folds =
        table(result)
            .filter(result.at("/holdout/train_sql").asText())
            .selectExpr(tuning.get("fold_sql").asText() + " as fold");
    assertThat(folds.distinct().count()).isEqualTo(5);
    JsonNode stage = result.get("stages").get(2);
    assertThat(stage.get("name").asText()).isEqualTo("tuning");
    assertThat(stage.get("jobs").asLong()).isEqualTo(1);
    assertThat(stage.get("rows_read").asLong())
        .isLessThan(100L); // the profile has filled the cache

    String runId = result.get("run_id").asText();
    var run = mlflow.getRun(runId);
    assertThat(run.getInfo().getStatus().name()).isEqualTo("FINISHED");
    assertThat(run.getData().getParamsList())
        .anySatisfy(
            param -> {
              assertThat(param.getKey()).isEqualTo("lambda");
              assertThat(param.getValue()).isEqualTo(tuning.get("lambda").asText());
            });
    assertThat(run.getData().getTagsList())
        .anySatisfy(
            tag -> {
              assertThat(tag.getKey()).isEqualTo("mlflow.loggedArtifacts");
              assertThat(JSON.readTree(tag.getValue()).findValuesAsText("path"))
                  .containsExactly("cv_results.json", "coefficients.json", "profile.json");
            });
    assertThat(mlflow.getMetricHistory(runId, "cv_rmse_alpha_0.5")).hasSize(20);
    assertThat(files(runId, "plots"))
        .hasSize(6)
        .contains("plots/coefficient_path.png", "plots/cv_curve.png", "plots/residuals.png");
    assertThat(artifact(runId, TrainingRecord.REPORT)).contains("Cross-validation of 60 penalties");
    JsonNode children =
        JSON.readTree(
            mlflow.sendPost(
                "runs/search",
                JSON.createObjectNode()
                    .put("filter", "tags.mlflow.parentRunId = '" + runId + "'")
                    .set(
                        "experiment_ids",
                        JSON.createArrayNode().add(result.get("experiment_id").asText()))
                    .toString()));
    assertThat(children.get("runs")).hasSize(3);
    assertThat(children.findValuesAsText("status")).containsOnly("FINISHED");
  }

  @Test
  void aPenaltyThatRemovesEveryColumnStillMakesARun() throws IOException {
    JsonNode result = train("learning.reg-param=100", "learning.elastic-net-param=1");
    assertThat(result.at("/status").asText()).isEqualTo("registered");
    assertThat(result.at("/metrics/r2_correlation").isNull()).isTrue();
    assertThat(result.at("/metrics/rmse").asDouble())
        .isCloseTo(result.at("/metrics/baseline_rmse").asDouble(), within(1e-12));
  }

  @Test
  void withoutRegistrationTheRunKeepsTheModel() throws IOException {
    JsonNode result = train("registry.enabled=false");
    assertThat(result.at("/status").asText()).isEqualTo("trained");
    assertThat(result.at("/model").isNull()).isTrue();
  }

  @Test
  void aRefusedSourceLeavesAFailedRunThatSaysWhy() throws IOException {
    Path file =
        WineFiles.write(
            folder.resolve("bad.csv"),
            WineFiles.HEADER,
            WineFiles.GOOD,
            WineFiles.GOOD.replaceAll("5$", "11"));
    JobReport report = new JobReport();
    assertThatThrownBy(() -> train(report, "data.source=" + file))
        .isInstanceOf(DataRefusedException.class);
    String runId = JobRuns.json(report, folder).at("/run_id").asText();
    var run = mlflow.getRun(runId);
    assertThat(run.getInfo().getStatus().name()).isEqualTo("FAILED");
    assertThat(run.getData().getTagsList())
        .anySatisfy(
            tag -> {
              assertThat(tag.getKey()).isEqualTo("winequality.error");
              assertThat(tag.getValue()).contains("Quarantined 1 of 2 rows");
            });
  }

  @Test
  void anAdoptedRunIsFilledAndEnded() throws IOException {
    String experiment = mlflow.createExperiment("adopted " + UUID.randomUUID());
    String runId = mlflow.createRun(experiment).getRunId();
    JsonNode result = train("mlflow.run-id=" + runId);
    assertThat(result.at("/run_id").asText()).isEqualTo(runId);
    assertThat(result.at("/experiment_id").asText()).isEqualTo(experiment);
    assertThat(mlflow.getRun(runId).getInfo().getStatus().name()).isEqualTo("FINISHED");
  }

  private Dataset<Row> table(JsonNode result) {
    return new TableVersion(
            result.at("/table/location").asText(), result.at("/table/version").asLong())
        .read(spark());
  }

  private JsonNode train(String... assignments) throws IOException {
    JobReport report = new JobReport();
    train(report, assignments);
    return JobRuns.json(report, folder);
  }

  private void train(JobReport report, String... assignments) {
    run(new TrainingJob(), report, assignments);
  }

  private void run(SparkJob job, JobReport report, String... assignments) {
    List<String> texts =
        new ArrayList<>(
            List.of(
                "mlflow.tracking-uri=" + server.uri(),
                "registry.model-name=" + model,
                "data.table=" + folder.resolve("tables/wine"),
                "data.quarantine-table=" + folder.resolve("tables/quarantine"),
                "data.profile-table=" + folder.resolve("tables/profiles")));
    texts.addAll(List.of(assignments));
    JobRuns.run(job, TrainingJob.class, spark(), report, JobRuns.settings(texts, Map.of()));
  }
}
