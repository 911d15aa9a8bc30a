package winequality.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elasticnet.CoefficientSignificance;
import elasticnet.FittedElasticNet;
import elasticnet.LearningSettings;
import elasticnet.Significance;
import elasticnet.split.Holdout;
import elasticnet.split.HoldoutSettings;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.junit.jupiter.api.Test;
import sparkmlflow.MlflowConnection;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.RunOrigin;
import sparkmlflow.run.RunTracker;
import sparkmlflow.run.SourceType;
import sparkmlflow.tracking.TagValues;
import winequality.data.ColumnDescription;
import winequality.data.DatasetDescription;
import winequality.data.RowCounts;
import winequality.data.ingest.IngestedTable;
import winequality.data.profile.TableProfile;
import winequality.data.table.TableVersion;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.Interval;
import winequality.metrics.RegressionEvaluation;
import winequality.metrics.RegressionIntervals;

/** What a training tells its run and its version; no row is computed here. */
class TrainingRecordTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DatasetDescription WINE =
      new DatasetDescription(
          "wine",
          List.of(
              new ColumnDescription("alcohol (%)", "% vol", 0, 100),
              new ColumnDescription("pH", "", 0, 14),
              new ColumnDescription("quality", "points", 0, 10)),
          "quality");

  private static RegressionEvaluation side(long rows, double rmse, OptionalDouble r2) {
    return new RegressionEvaluation(rows, rmse, rmse / 2, r2, r2, 0.8);
  }

  private static TrainingRecord record(
      OptionalDouble testR2, Map<String, Long> byRule, CoefficientSignificance tests) {
    Map<String, Double> coefficients = new LinkedHashMap<>();
    coefficients.put("alcohol (%)", 0.25);
    coefficients.put("pH", 0.0);
    return new TrainingRecord(
        WINE,
        new LearningSettings(0.01, 0.5, false, true, 100, 1e-6, "normal", "squaredError", 1.35, 2),
        new IngestedTable(
            new TableVersion("/tables/wine", 3),
            Optional.empty(),
            Optional.of(new RowCounts(103, 100, 3)),
            byRule,
            Map.of()),
        new TableProfile(100, 0, List.of()),
        new Holdout("hash < 0.75", new HoldoutSettings(0.75, 42)),
        new FittedElasticNet(
            new PipelineModel("pipeline", new Transformer[0]), 5.5, coefficients, List.of(), 0.5),
        tests,
        new HoldoutEvaluation(
            side(75, 0.5, OptionalDouble.of(0.4)),
            side(25, 0.6, testR2),
            5.6,
            Map.of("alcohol (%)", 10.0, "pH", 3.3),
            Map.of("alcohol (%)", 1.6, "pH", 0.15)),
        new RegressionIntervals(
            0.95,
            24,
            new Interval(0.6, 0.55, 0.66),
            new Interval(0.3, 0.28, 0.33),
            testR2.isPresent()
                ? Optional.of(Interval.unbounded(testR2.getAsDouble()))
                : Optional.empty(),
            new Interval(-0.2, -0.3, -0.1),
            List.of()));
  }

  private static TrainingRecord record(OptionalDouble testR2, Map<String, Long> byRule) {
    return record(testR2, byRule, new CoefficientSignificance.Untested("the penalty is 0.01"));
  }

  private static TrainingRecord record() {
    return record(OptionalDouble.of(0.3), Map.of());
  }

  @Test
  void paramsAreThoseOfTheOriginalWorkflowAndOfMllib() {
    assertThat(record().params())
        .containsOnly(
            entry("alpha", "0.5"),
            entry("lambda", "0.01"),
            entry("elasticNetParam", "0.5"),
            entry("regParam", "0.01"),
            entry("standardization", "false"),
            entry("fitIntercept", "true"),
            entry("solver", "normal"),
            entry("loss", "squaredError"),
            entry("maxIter", "100"),
            entry("tol", "1.0E-6"),
            entry("trainFraction", "0.75"),
            entry("seed", "42"),
            entry("tableVersion", "3"));
  }

  @Test
  void metricsAreThoseOfTheTestSideAndThoseOfTheTrainSideWithAPrefix() {
    assertThat(record().metrics())
        .containsOnly(
            entry("rmse", 0.6),
            entry("mae", 0.3),
            entry("r2", 0.3),
            entry("r2_correlation", 0.3),
            entry("train_rmse", 0.5),
            entry("train_mae", 0.25),
            entry("train_r2", 0.4),
            entry("train_r2_correlation", 0.4),
            entry("baseline_rmse", 0.8),
            // R² has an interval without bounds here, which is no metric
            entry("rmse_ci_low", 0.55),
            entry("rmse_ci_high", 0.66),
            entry("mae_ci_low", 0.28),
            entry("mae_ci_high", 0.33));
  }

  @Test
  void anUndefinedR2IsNoMetricAndIsCalledUndefined() {
    TrainingRecord constant = record(OptionalDouble.empty(), Map.of());
    assertThat(constant.metrics())
        .doesNotContainKeys("r2", "r2_correlation")
        .containsKeys("rmse", "train_r2");
    assertThat(constant.message()).endsWith("R2: undefined");
    assertThat(constant.versionDescription("http://run", "http://report"))
        .contains("| R² | undefined | – | 0.4000 |");
  }

  @Test
  void theMessageIsThatOfTheOriginalWorkflow() {
    assertThat(record().message().lines())
        .containsExactly(
            "Elastic net model (alpha=0.5, lambda=0.01):",
            "  RMSE: 0.600000",
            "  MAE: 0.300000",
            "  R2: 0.300000");
  }

  @Test
  void theVersionSaysWhereItsDataCameFromAndHowGoodItIs() {
    assertThat(record().versionTags())
        .contains(
            entry("alpha", "0.5"),
            entry("lambda", "0.01"),
            entry("rmse", "0.6"),
            entry("table", "/tables/wine"),
            entry("table_version", "3"));
    assertThat(record().versionDescription("http://run", "http://report"))
        .startsWith(
            "RMSE **0.6000** on 25 test rows, 25.0 % better than the mean: elastic net for"
                + " **quality** of the wine table, alpha 0.5")
        .contains("| | test | 95 % interval | train |")
        .contains("| RMSE | 0.6000 | &ensp;0.5500 to 0.6600&ensp; | 0.5000 |")
        .contains("| R² | 0.3000 | – | 0.4000 |")
        .contains("100 rows, 0 duplicates; 103 read, 3 quarantined")
        .endsWith("[Report](http://report) · [Run](http://run)");
  }

  @Test
  void noColumnNameBecomesPartOfATagsKey() throws IOException {
    Map<String, Long> byRule = new LinkedHashMap<>();
    byRule.put("alcohol (%)-not-a-number", 2L);
    byRule.put("ä/ö\"-out-of-range", 1L);
    Map<String, String> tags = record(OptionalDouble.of(0.3), byRule).tags();
    // what MLflow takes as a key
    assertThat(tags.keySet()).allMatch(key -> key.matches("[/\\w.\\- :]{1,250}"));
    JsonNode counts = JSON.readTree(tags.getOrDefault("winequality.quarantined_by_rule", "{}"));
    assertThat(counts.size()).isEqualTo(2);
    assertThat(counts.path("alcohol (%)-not-a-number").asLong()).isEqualTo(2);
    assertThat(counts.path("ä/ö\"-out-of-range").asLong()).isEqualTo(1);
    assertThat(tags)
        .contains(
            entry("winequality.table", "/tables/wine"),
            entry("winequality.table_version", "3"),
            entry("winequality.rows_read", "103"),
            entry("winequality.rows_quarantined", "3"));
  }

  @Test
  void manyRulesKeepTheMostFrequentAndStayJson() throws IOException {
    Map<String, Long> byRule = new LinkedHashMap<>();
    for (int i = 0; i < 1000; i++) {
      byRule.put("a column with quite a long name, number " + i, 1000L - i);
    }
    String tag =
        record(OptionalDouble.of(0.3), byRule)
            .tags()
            .getOrDefault("winequality.quarantined_by_rule", "");
    assertThat(TagValues.bytes(tag)).isLessThanOrEqualTo(5000);
    JsonNode counts = JSON.readTree(tag);
    assertThat(counts.path("a column with quite a long name, number 0").asLong()).isEqualTo(1000);
    long told = 0;
    for (JsonNode rows : counts) {
      told += rows.asLong();
    }
    assertThat(told).isEqualTo(500_500);
    assertThat(counts.has("(other rules)")).isTrue();
  }

  @Test
  void noRefusedRowMeansNoTagAboutRules() {
    assertThat(record().tags()).doesNotContainKey("winequality.quarantined_by_rule");
  }

  @Test
  void everythingReachesTheRun() {
    try (ScriptedServer server = logged(record())) {
      assertThat(server.requests("runs/log-inputs").get(0).body())
          .contains("wine-train", "wine-test", "training", "testing");
      assertThat(coefficients(server))
          // 0.25 · 1.6 / 0.8: the deviations of column and label
          .contains(
              "\"columns\":[\"name\",\"unit\",\"coefficient\",\"standardized\"]",
              "[\"(intercept)\",\"points\",5.5,null]",
              "[\"alcohol(%)\",\"%vol\",0.25,0.5]");
      assertThat(server.requests("runs/log-batch"))
          .anySatisfy(batch -> assertThat(batch.body()).contains("train_rmse"))
          .anySatisfy(batch -> assertThat(batch.body()).contains("elasticNetParam"))
          .anySatisfy(batch -> assertThat(batch.body()).contains("mlflow.note.content"));
    }
  }

  @Test
  void theTestsOfTheCoefficientsAreColumnsWhereThereAreAny() {
    CoefficientSignificance tests =
        new CoefficientSignificance.Tested(
            72,
            Optional.of(new Significance(0.5, 11.0, 0.0)),
            Map.of(
                "alcohol (%)", new Significance(0.1, 2.5, 0.015),
                "pH", new Significance(0.2, 0.0, 1.0)));
    try (ScriptedServer server = logged(record(OptionalDouble.of(0.3), Map.of(), tests))) {
      assertThat(coefficients(server))
          .contains(
              "\"standardized\",\"standard_error\",\"t\",\"p\"]",
              "[\"(intercept)\",\"points\",5.5,null,0.5,11.0,0.0]",
              "[\"alcohol(%)\",\"%vol\",0.25,0.5,0.1,2.5,0.015]");
    }
  }

  private static String coefficients(ScriptedServer server) {
    return server.requests("artifacts/coefficients.json").get(0).body().replaceAll("\\s", "");
  }

  private static ScriptedServer logged(TrainingRecord record) {
    ScriptedServer server = ScriptedServer.start();
    server.otherwise(ScriptedServer.json("{}"));
    server.on(
        "GET",
        "experiments/get-by-name",
        ScriptedServer.json(
            "{\"experiment\": {\"experiment_id\": \"7\", \"name\": \"wine\", \"lifecycle_stage\":"
                + " \"active\"}}"));
    server.on(
        "POST",
        "runs/create",
        ScriptedServer.json(
            """
            {"run": {"info": {"run_id": "r1", "experiment_id": "7", "status": "RUNNING",
              "artifact_uri": "mlflow-artifacts:/7/r1/artifacts", "lifecycle_stage": "active"}}}\
            """));
    try (MlflowConnection connection =
            MlflowConnection.open(TestSettings.of(server.uri()), pause -> {});
        ActiveRun run =
            new RunTracker(connection, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                .open(new RunOrigin("ada", "job", SourceType.JOB, Map.of()))) {
      record.logTo(run);
      run.finish();
    }
    return server;
  }
}
