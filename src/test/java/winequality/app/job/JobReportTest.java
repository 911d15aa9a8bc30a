package winequality.app.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elasticnet.CrossValidation;
import elasticnet.CrossValidationPath;
import elasticnet.Estimate;
import elasticnet.FittedElasticNet;
import elasticnet.LearningSettings;
import elasticnet.PathPoint;
import elasticnet.SelectionMeasure;
import elasticnet.SelectionRule;
import elasticnet.TuningSettings;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import elasticnet.solver.SolverSettings;
import elasticnet.split.FoldSettings;
import elasticnet.split.Folds;
import elasticnet.split.Holdout;
import elasticnet.split.HoldoutSettings;
import elasticnet.statistics.FoldedStatistics;
import elasticnet.statistics.StatisticsAccumulator;
import elasticnet.statistics.SufficientStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import winequality.data.RefusedSource;
import winequality.data.RowCounts;
import winequality.data.ingest.IngestedTable;
import winequality.data.profile.TableProfile;
import winequality.data.table.TableVersion;
import winequality.gate.Authority;
import winequality.gate.GateCheck;
import winequality.gate.GateDecision;
import winequality.gate.Promoter.Rollback;
import winequality.metrics.ColumnDrift;
import winequality.metrics.Drift;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.Interval;
import winequality.metrics.RegressionEvaluation;
import winequality.metrics.RegressionIntervals;
import winequality.record.Reproduction;
import winequality.scoring.ScoredTable;
import winequality.scoring.ScoringInputs;
import winequality.scoring.ScoringSettings;

/** The result file, byte by byte: people script against its keys, their order and their types. */
class JobReportTest {

  private static final TableVersion TABLE = new TableVersion("/tables/wine", 3);
  private static final TableVersion QUARANTINE = new TableVersion("/tables/quarantine", 1);
  private static final RowCounts COUNTS = new RowCounts(103, 100, 3);
  private static final Authority ADA =
      new Authority("ada", "by mail", Instant.parse("2026-01-02T03:04:05Z"));
  private static final Run RUN =
      new Run("r1", "7", "s3://b/r1", RunStatus.RUNNING, false, Map.of(), Map.of(), Map.of());

  @TempDir private Path folder;

  @Test
  void aJobThatFoundNothingHasEveryKey() throws IOException {
    requireGolden(new JobReport(), "result-empty.json");
  }

  @Test
  void aJobThatFillsEverySection() throws IOException {
    JobReport report = new JobReport();
    report.promoted(version(), ADA, Optional.of("6"), Optional.of(version()));
    scored(report, Optional.of(new TableVersion("/tables/rejected", 2)));
    report.params(learning());
    report.run(RUN, "http://mlflow/r1");
    report.table(
        new IngestedTable(
            TABLE, Optional.of(QUARANTINE), Optional.of(COUNTS), byRule(), examples()));
    report.profile(TABLE, new TableProfile(100, 4, List.of()));
    report.holdout(new Holdout("hash(`pH`) < 7", new HoldoutSettings(0.75, 42)));
    report.tuning(path(), tuningSettings());
    report.fitted(fitted());
    report.evaluation(evaluation(OptionalDouble.of(0.4)));
    report.intervals(intervals(Optional.of(new Interval(0.4, 0.33, 0.46))));
    report.version(new RegisteredVersion("wine", "8", List.of("b", "a"), "http://mlflow/8"));
    report.gate(decision());
    report.drift(
        new Drift(
            20,
            List.of(
                new ColumnDrift("pH", 0.2, 0.1, OptionalDouble.of(0.5), 19),
                new ColumnDrift("alcohol (%)", 0.0, 0.1, OptionalDouble.empty(), 20))));
    report.retraining("trained", "rows are new", Optional.of("7"));
    report.reproduced(
        RUN,
        new Reproduction(
            5,
            0.25,
            Optional.of("rmse"),
            List.of(
                new Reproduction.Difference("rmse", 0.6, 0.8),
                new Reproduction.Difference("mae", null, 0.5))));
    report.stages(
        List.of(
            new StageMeter.Cost("data", 1.23456, 12, 103),
            new StageMeter.Cost("profile", 2.0, 0, 0)));
    report.ended(JobStatus.REGISTERED);
    requireGolden(report, "result-full.json");
    assertThat(report.outcome())
        .isEqualTo("version 8 rejected against version 7: 0.1 is above 0; no bound");
  }

  @Test
  void aTrainingWhoseFiguresAreUndefined() throws IOException {
    JobReport report = new JobReport();
    report.table(IngestedTable.asItIs(TABLE));
    report.evaluation(evaluation(OptionalDouble.empty()));
    report.intervals(intervals(Optional.empty()));
    report.gate(new GateDecision.Promote(new GateDecision.Grounds(Optional.empty(), List.of())));
    report.rolledBack(version(), new Rollback.Done("8", "7", Optional.empty()), ADA);
    report.reproduced(RUN, new Reproduction(5, 0.0, Optional.empty(), List.of()));
    report.retraining("skipped", "no row is new", Optional.empty());
    report.ended(JobStatus.TRAINED);
    requireGolden(report, "result-undefined.json");
  }

  @Test
  void aSourceThatIsRefused() throws IOException {
    JobReport report = new JobReport();
    report.params(learning());
    report.refused(
        new RefusedSource(new RowCounts(3, 0, 3), Optional.empty(), byRule(), examples()));
    report.failure("3 of 3 rows are refused");
    requireGolden(report, "result-refused.json");
    assertThat(report.outcome()).isEqualTo("no version, no gate");
  }

  @Test
  void aScoringWhoseRowsAllFit() throws IOException {
    JobReport report = new JobReport();
    report.model(version());
    scored(report, Optional.empty());
    report.ended(JobStatus.SCORED);
    requireGolden(report, "result-scored.json");
    assertThat(report.outcome()).isEqualTo("version 7, no gate");
  }

  @Test
  void theRunsFileOfTheGateHasWhatTheResultFileHas() throws IOException {
    JobReport report = new JobReport();
    Object gate = report.gate(decision());
    ObjectMapper json = new ObjectMapper();
    Path file = folder.resolve("result.json");
    report.write(file);
    assertThat(json.<JsonNode>valueToTree(gate))
        .hasToString(json.readTree(file.toFile()).get("gate").toString());
  }

  private void requireGolden(JobReport report, String name) throws IOException {
    Path file = folder.resolve(name);
    report.write(file);
    assertThat(file).hasSameTextualContentAs(Path.of("src/test/resources/golden", name));
  }

  private static Map<String, String> examples() {
    return Map.of("pH-not-a-number", "a.csv, line 7: pH is \"x\"; it must be a number");
  }

  private static Map<String, Long> byRule() {
    Map<String, Long> byRule = new LinkedHashMap<>();
    byRule.put("pH-not-a-number", 2L);
    byRule.put("alcohol (%)-out-of-range", 1L);
    return byRule;
  }

  private static LearningSettings learning() {
    return new LearningSettings(
        0.01, 0.5, false, true, 100, 1e-6, "normal", "squaredError", 1.35, 2);
  }

  private static FittedElasticNet fitted() {
    Map<String, Double> coefficients = new LinkedHashMap<>();
    coefficients.put("pH", 0.25);
    coefficients.put("alcohol (%)", 0.0);
    return new FittedElasticNet(
        new PipelineModel("pipeline", new Transformer[0]), 5.5, coefficients, List.of(), 0.5);
  }

  private static HoldoutEvaluation evaluation(OptionalDouble r2) {
    return new HoldoutEvaluation(
        new RegressionEvaluation(75, 0.5, 0.4, r2, r2, 0.8),
        new RegressionEvaluation(25, 0.6, 0.45, r2, r2, 0.9),
        5.6,
        Map.of(),
        Map.of());
  }

  private static RegressionIntervals intervals(Optional<Interval> r2) {
    return new RegressionIntervals(
        0.95,
        24,
        new Interval(0.6, 0.55, 0.66),
        Interval.unbounded(0.45),
        r2,
        new Interval(-0.2, -0.3, -0.1),
        List.of());
  }

  private static GateDecision decision() {
    return new GateDecision.Reject(
        new GateDecision.Grounds(
            Optional.of("7"),
            List.of(
                new GateCheck("rmse", 0.1, 0.0, false, "0.1 is above 0"),
                new GateCheck("rows", Double.NaN, Double.POSITIVE_INFINITY, false, "no bound"))));
  }

  private static ModelVersion version() {
    return new ModelVersion(
        "wine",
        "7",
        ModelVersion.Status.READY,
        "",
        List.of("champion", "best"),
        "",
        "s3://b/r1/model",
        "r1",
        "",
        Map.of(),
        Instant.EPOCH);
  }

  private static void scored(JobReport report, Optional<TableVersion> rejected) {
    report.scored(
        version(),
        ScoringInputs.table("/tables/new", "5"),
        new ScoredTable(
            ScoredTable.Outcome.WRITTEN,
            new TableVersion("/tables/predictions", 9),
            rejected,
            100,
            rejected.isPresent() ? byRule() : Map.of(),
            rejected.isPresent() ? examples() : Map.of()),
        new ScoringSettings(
            Optional.of("/tables/new"),
            OptionalLong.empty(),
            "champion",
            Optional.empty(),
            "/tables/predictions",
            "/tables/rejected",
            List.of(),
            0.05,
            1));
  }

  private static TuningSettings tuningSettings() {
    return new TuningSettings(
        new FoldSettings(2, List.of(1L)),
        List.of(0.5),
        new RegParams.Grid(List.of(0.01)),
        ColumnScaling.AS_IS,
        SelectionMeasure.RMSE,
        SelectionRule.ONE_STANDARD_ERROR,
        TuningSettings.AbsoluteError.SKIPPED,
        new SolverSettings(1e-13, 1000));
  }

  /** A winner with fixed errors, because computed ones may differ in the last digit. */
  private static CrossValidation path() {
    StatisticsAccumulator rows = new StatisticsAccumulator(2);
    IntStream.of(0, 2, 4).forEach(i -> rows.add(new double[] {1, 2, 2, 1, 4, 7}, i));
    SufficientStatistics fold = rows.statistics();
    List<Folds> folds = List.of(new Folds("hash(`pH`) % 2", 2));
    CrossValidation fitted =
        new CrossValidationPath(tuningSettings())
            .fit(new FoldedStatistics(List.of(List.of(fold, fold))), List.of("pH"), folds);
    PathPoint winner =
        new PathPoint(
            fitted.winner().solution(),
            List.of(),
            new Estimate(0.36, 0.02),
            new Estimate(0.6, 0.01),
            Optional.empty(),
            Optional.empty());
    return new CrossValidation(
        List.of("pH"), fitted.train(), folds, List.of(winner), winner, winner, winner);
  }
}
