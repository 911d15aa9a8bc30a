package winequality.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import winequality.data.IngestedTable;
import winequality.data.RefusedSource;
import winequality.data.RowCounts;
import winequality.data.TableProfile;
import winequality.data.TableVersion;
import winequality.holdout.Folds;
import winequality.holdout.Holdout;
import winequality.learning.CrossValidation;
import winequality.learning.FittedElasticNet;
import winequality.learning.LearningSettings;
import winequality.learning.PathPoint;
import winequality.learning.TuningSettings;
import winequality.metrics.ColumnDrift;
import winequality.metrics.Drift;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.Interval;
import winequality.metrics.RegressionEvaluation;
import winequality.metrics.RegressionIntervals;
import winequality.metrics.Repeatability;
import winequality.mlflow.ModelVersion;
import winequality.mlflow.Run;
import winequality.registry.Authority;
import winequality.registry.GateCheck;
import winequality.registry.GateDecision;
import winequality.registry.RegisteredVersion;
import winequality.registry.Rollback;
import winequality.scoring.ScoredTable;
import winequality.scoring.ScoringInput;
import winequality.scoring.ScoringSettings;

/**
 * What a job found so far, in the shape of the result file.
 *
 * <p>All keys are there from the start, null until a stage fills them, so that a reader of the file
 * of a failed job finds what was reached and asks for no key in vain.
 */
final class JobReport {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, @Nullable Object> result = new LinkedHashMap<>();
  private final Map<String, @Nullable Object> rows =
      map(
          "read", null,
          "accepted", null,
          "quarantined", null,
          "duplicates", null,
          "train", null,
          "test", null);

  private @Nullable Object drift;

  JobReport() {
    for (String key :
        List.of(
            "status",
            "run_id",
            "run_url",
            "experiment_id",
            "model",
            "params",
            "metrics",
            "intervals",
            "intercept",
            "coefficients",
            "rows",
            "quarantine",
            "table",
            "holdout",
            "tuning",
            "gate",
            "promotion",
            "scoring",
            "retraining",
            "reproduction",
            "stages",
            "error")) {
      result.put(key, null);
    }
    result.put("status", JobStatus.FAILED.text());
    result.put("stages", List.of());
  }

  void ended(JobStatus status) {
    result.put("status", status.text());
    result.put("error", null);
  }

  void params(LearningSettings learning) {
    result.put(
        "params",
        map(
            "alpha", learning.elasticNetParam(),
            "lambda", learning.regParam(),
            "standardization", learning.standardization()));
  }

  void tuning(CrossValidation path, TuningSettings settings) {
    PathPoint winner = path.winner();
    result.put(
        "tuning",
        map(
            "rule", settings.rule().name().toLowerCase(Locale.ROOT).replace('_', '-'),
            "fold_sql", path.repetitions().get(0).foldSql(),
            "fold_sqls", path.repetitions().stream().map(Folds::foldSql).toList(),
            "folds", settings.folds().folds(),
            "repetitions", path.repetitions().size(),
            "points", path.points().size(),
            "alpha", winner.penalty().elasticNetParam(),
            "lambda", winner.penalty().regParam(),
            "cv_rmse", winner.rmse().mean(),
            "cv_rmse_se", winner.rmse().standardError()));
  }

  void run(Run run, String url) {
    result.put("run_id", run.id());
    result.put("run_url", url);
    result.put("experiment_id", run.experimentId());
  }

  void table(IngestedTable ingested) {
    TableVersion table = ingested.accepted();
    result.put(
        "table", map("location", table.location(), "version", table.version(), "rows", null));
    ingested.counts().ifPresent(this::rows);
    quarantine(ingested.quarantine(), ingested.quarantinedByRule());
  }

  void refused(RefusedSource refused) {
    rows(refused.counts());
    quarantine(refused.quarantine(), refused.quarantinedByRule());
  }

  void profile(TableVersion table, TableProfile profile) {
    result.put(
        "table",
        map("location", table.location(), "version", table.version(), "rows", profile.rows()));
    rows.put("duplicates", profile.duplicates());
    result.put("rows", rows);
  }

  private void quarantine(Optional<TableVersion> table, Map<String, Long> byRule) {
    result.put(
        "quarantine",
        map(
            "location", table.map(TableVersion::location).orElse(null),
            "version", table.map(TableVersion::version).orElse(null),
            "by_rule", byRule));
  }

  void holdout(Holdout holdout) {
    result.put(
        "holdout",
        map(
            "train_sql", holdout.trainSql(),
            "seed", holdout.settings().seed(),
            "train_fraction", holdout.settings().trainFraction()));
  }

  void fitted(FittedElasticNet fitted) {
    result.put("intercept", fitted.intercept());
    result.put("coefficients", fitted.coefficients());
  }

  void evaluation(HoldoutEvaluation evaluation) {
    RegressionEvaluation test = evaluation.test();
    result.put(
        "metrics",
        map(
            "rmse", test.rmse(),
            "mae", test.mae(),
            "r2", orNull(test.r2()),
            "r2_correlation", orNull(test.r2Correlation()),
            "baseline_rmse", test.baselineRmse()));
    rows.put("train", evaluation.train().rows());
    rows.put("test", evaluation.test().rows());
    result.put("rows", rows);
  }

  void intervals(RegressionIntervals intervals) {
    result.put(
        "intervals",
        map(
            "confidence", intervals.confidence(),
            "rmse", bounds(intervals.rmse()),
            "mae", bounds(intervals.mae()),
            "r2", intervals.r2().map(JobReport::bounds).orElse(null)));
  }

  private static @Nullable List<Double> bounds(Interval interval) {
    return interval.isBounded() ? List.of(interval.low(), interval.high()) : null;
  }

  void version(RegisteredVersion version) {
    result.put(
        "model",
        map("name", version.name(), "version", version.version(), "aliases", version.aliases()));
  }

  void gate(GateDecision decision) {
    result.put(
        "gate",
        map(
            "decision", decision.word(),
            "champion", decision.grounds().champion().orElse(null),
            "summary", decision.summary(),
            "reasons", decision.grounds().checks().stream().map(GateCheck::text).toList(),
            "checks",
                decision.grounds().checks().stream()
                    .map(
                        check ->
                            map(
                                "name", check.name(),
                                "value", orNull(check.value()),
                                "bound", orNull(check.bound()),
                                "passed", check.passed(),
                                "text", check.text()))
                    .toList()));
  }

  /** What stands under {@code gate}, for a file of the run. */
  Object gate() {
    return Optional.<Object>ofNullable(result.get("gate")).orElseGet(Map::of);
  }

  void promoted(
      ModelVersion version,
      Authority authority,
      Optional<String> replaced,
      Optional<ModelVersion> origin) {
    model(version);
    result.put(
        "promotion",
        map(
            "who", authority.who(),
            "reason", authority.reason(),
            "replaced", replaced.orElse(null),
            "origin",
                origin
                    .map(from -> map("name", from.name(), "version", from.version()))
                    .orElse(null)));
  }

  void rolledBack(ModelVersion version, Rollback.Done rollback, Authority authority) {
    model(version);
    result.put(
        "promotion",
        map(
            "who", authority.who(),
            "reason", authority.reason(),
            "rolled_back", rollback.from(),
            "further", rollback.further().orElse(null)));
  }

  void model(ModelVersion version) {
    result.put(
        "model",
        map(
            "name", version.name(),
            "version", version.version(),
            "aliases", version.aliases().stream().sorted().toList()));
  }

  private static @Nullable Double orNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  void scored(
      ModelVersion version, ScoringInput input, ScoredTable scored, ScoringSettings settings) {
    result.put(
        "rows",
        map(
            "read",
            scored.read(),
            "accepted",
            scored.scored(),
            "quarantined",
            scored.rejectedRows(),
            "duplicates",
            null,
            "train",
            null,
            "test",
            null));
    result.put(
        "scoring",
        map(
            "input", map("location", input.location(), "version", input.version()),
            "run_id", version.runId(),
            "predictions", table(scored.predictions()),
            "rejected", scored.rejected().map(JobReport::table).orElse(null),
            "rejected_by_rule", scored.rejectedByRule(),
            "attempt", settings.attempt()));
  }

  void reproduced(Run run, Reproduction reproduction) {
    result.put(
        "reproduction",
        map(
            "run_id", run.id(),
            "tolerance", Repeatability.TOLERANCE,
            "compared", reproduction.compared(),
            "largest_difference", reproduction.largest(),
            "largest_difference_of", reproduction.where().orElse(null),
            "differences",
                reproduction.differences().stream()
                    .map(
                        difference ->
                            map(
                                "name", difference.name(),
                                "expected", difference.expected(),
                                "got", difference.got(),
                                "relative", orNull(difference.relative())))
                    .toList()));
  }

  private static Map<String, @Nullable Object> table(TableVersion table) {
    return map("location", table.location(), "version", table.version());
  }

  void drift(Drift drift) {
    Map<String, @Nullable Object> columns = new LinkedHashMap<>();
    for (ColumnDrift column : drift.columns()) {
      columns.put(
          column.column(),
          map(
              "psi", column.psi(),
              "psi_by_chance", column.byChance(),
              "mean_shift", orNull(column.meanShift()),
              "values", column.values()));
    }
    this.drift = map("rows", drift.rows(), "columns", columns);
  }

  void retraining(String decision, String reason, Optional<String> compared) {
    result.put(
        "retraining",
        map(
            "decision", decision,
            "reason", reason,
            "compared_with", compared.orElse(null),
            "drift", drift));
  }

  /** The version and what the gate says of it, in a few words. */
  String outcome() {
    String version =
        result.get("model") instanceof Map<?, ?> model
            ? "version " + model.get("version")
            : "no version";
    return result.get("gate") instanceof Map<?, ?> gate
        ? version + " " + gate.get("summary")
        : version + ", no gate";
  }

  void stages(List<StageMeter.Cost> costs) {
    result.put(
        "stages",
        costs.stream()
            .map(
                cost ->
                    map(
                        "name", cost.name(),
                        "seconds", Math.round(cost.seconds() * 1000) / 1000.0,
                        "jobs", cost.jobs(),
                        "rows_read", cost.rowsRead()))
            .toList());
  }

  void failure(String message) {
    result.put("status", JobStatus.FAILED.text());
    result.put("error", message);
  }

  /**
   * Writes the file; it appears whole or not at all.
   *
   * <p>That a folder of a Databricks volume ({@code /Volumes/...}) takes the move is from reading
   * its documentation only.
   *
   * @throws IOException if its folder is missing or cannot be written
   */
  void write(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path part = absolute.resolveSibling(absolute.getFileName() + ".part");
    Files.write(part, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(result));
    Files.move(part, absolute, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private void rows(RowCounts counts) {
    rows.put("read", counts.read());
    rows.put("accepted", counts.accepted());
    rows.put("quarantined", counts.quarantined());
    result.put("rows", rows);
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** Keys and values in turn, in this order. */
  private static Map<String, @Nullable Object> map(@Nullable Object... keysAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
    }
    return map;
  }
}
