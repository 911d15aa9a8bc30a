package winequality.app.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import elasticnet.CrossValidation;
import elasticnet.FittedElasticNet;
import elasticnet.LearningSettings;
import elasticnet.PathPoint;
import elasticnet.TuningSettings;
import elasticnet.split.Folds;
import elasticnet.split.Holdout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.tracking.Run;
import winequality.data.ingest.IngestedTable;
import winequality.data.ingest.RefusedSource;
import winequality.data.ingest.RowCounts;
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
import winequality.metrics.Repeatability;
import winequality.record.Reproduction;
import winequality.scoring.ScoredTable;
import winequality.scoring.ScoringInput;
import winequality.scoring.ScoringSettings;

/**
 * What a job found so far, as the result file shows it.
 *
 * <p>Users script against names, order and types. Every key is always written; it is null until a
 * stage fills it. So the result file of a failed job shows how far the job came.
 */
public final class JobReport {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String KEYS =
      "status run_id run_url experiment_id model params metrics intervals intercept coefficients rows quarantine table holdout tuning gate promotion scoring retraining reproduction stages error";

  private static final List<String> ROWS =
      List.of("read", "accepted", "quarantined", "duplicates", "train", "test");

  private final ObjectNode result = JSON.createObjectNode();
  private JsonNode drift = NullNode.getInstance();

  public JobReport() {
    List.of(KEYS.split(" ", -1)).forEach(result::putNull);
    result.put("status", JobStatus.FAILED.text()).putArray("stages");
  }

  public void ended(JobStatus status) {
    result.put("status", status.text()).putNull("error");
  }

  void failure(String message) {
    result.put("status", JobStatus.FAILED.text()).put("error", message);
  }

  public void params(LearningSettings learning) {
    result
        .putObject("params")
        .put("alpha", learning.elasticNetParam())
        .put("lambda", learning.regParam())
        .put("standardization", learning.standardization());
  }

  public void tuning(CrossValidation path, TuningSettings settings) {
    PathPoint winner = path.winner();
    List<String> foldSqls = path.repetitions().stream().map(Folds::foldSql).toList();
    result
        .putObject("tuning")
        .put("rule", settings.rule().name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .put("fold_sql", foldSqls.get(0))
        .putPOJO("fold_sqls", foldSqls)
        .put("folds", settings.folds().folds())
        .put("repetitions", foldSqls.size())
        .put("points", path.points().size())
        .put("alpha", winner.penalty().elasticNetParam())
        .put("lambda", winner.penalty().regParam())
        .put("cv_rmse", winner.rmse().mean())
        .put("cv_rmse_se", winner.rmse().standardError());
  }

  public void run(Run run, String url) {
    result.put("run_id", run.id()).put("run_url", url).put("experiment_id", run.experimentId());
  }

  public void table(IngestedTable ingested) {
    put(result, "table", ingested.accepted()).putNull("rows");
    ingested.counts().ifPresent(this::counts);
    quarantine(ingested.quarantine(), ingested.quarantinedByRule());
  }

  public void refused(RefusedSource refused) {
    counts(refused.counts());
    quarantine(refused.quarantine(), refused.quarantinedByRule());
  }

  private void counts(RowCounts counts) {
    rows()
        .put("read", counts.read())
        .put("accepted", counts.accepted())
        .put("quarantined", counts.quarantined());
  }

  /** The section that several stages fill. */
  private ObjectNode rows() {
    if (!(result.get("rows") instanceof ObjectNode)) {
      ROWS.forEach(result.putObject("rows")::putNull);
    }
    return result.withObject("/rows");
  }

  private void quarantine(Optional<TableVersion> table, Map<String, Long> byRule) {
    result
        .putObject("quarantine")
        .put("location", table.map(TableVersion::location).orElse(null))
        .put("version", table.map(TableVersion::version).orElse(null))
        .putPOJO("by_rule", byRule);
  }

  private static ObjectNode put(ObjectNode section, String name, TableVersion table) {
    return section
        .putObject(name)
        .put("location", table.location())
        .put("version", table.version());
  }

  public void profile(TableVersion table, TableProfile profile) {
    put(result, "table", table).put("rows", profile.rows());
    rows().put("duplicates", profile.duplicates());
  }

  public void holdout(Holdout holdout) {
    result
        .putObject("holdout")
        .put("train_sql", holdout.trainSql())
        .put("seed", holdout.settings().seed())
        .put("train_fraction", holdout.settings().trainFraction());
  }

  public void fitted(FittedElasticNet fitted) {
    result.put("intercept", fitted.intercept()).putPOJO("coefficients", fitted.coefficients());
  }

  public void evaluation(HoldoutEvaluation evaluation) {
    RegressionEvaluation test = evaluation.test();
    result
        .putObject("metrics")
        .put("rmse", test.rmse())
        .put("mae", test.mae())
        .put("r2", orNull(test.r2()))
        .put("r2_correlation", orNull(test.r2Correlation()))
        .put("baseline_rmse", test.baselineRmse());
    rows().put("train", evaluation.train().rows()).put("test", test.rows());
  }

  public void intervals(RegressionIntervals intervals) {
    result
        .putObject("intervals")
        .put("confidence", intervals.confidence())
        .putPOJO("rmse", bounds(intervals.rmse()))
        .putPOJO("mae", bounds(intervals.mae()))
        .putPOJO("r2", intervals.r2().map(JobReport::bounds).orElse(null));
  }

  private static @Nullable List<Double> bounds(Interval interval) {
    return interval.isBounded() ? List.of(interval.low(), interval.high()) : null;
  }

  public void version(RegisteredVersion version) {
    model(version.name(), version.version(), version.aliases());
  }

  public void model(ModelVersion version) {
    model(version.name(), version.version(), version.aliases().stream().sorted().toList());
  }

  private void model(String name, String version, List<String> aliases) {
    result.putObject("model").put("name", name).put("version", version).putPOJO("aliases", aliases);
  }

  /** Returns the section, which is also the content of the run's file {@code gate.json}. */
  public JsonNode gate(GateDecision decision) {
    GateDecision.Grounds grounds = decision.grounds();
    ObjectNode gate =
        result
            .putObject("gate")
            .put("decision", decision.word())
            .put("champion", grounds.champion().orElse(null))
            .put("summary", decision.summary())
            .putPOJO("reasons", grounds.checks().stream().map(GateCheck::text).toList());
    ArrayNode checks = gate.putArray("checks");
    for (GateCheck check : grounds.checks()) {
      checks
          .addObject()
          .put("name", check.name())
          .put("value", orNull(check.value()))
          .put("bound", orNull(check.bound()))
          .put("passed", check.passed())
          .put("text", check.text());
    }
    return gate;
  }

  public void promoted(
      ModelVersion version,
      Authority authority,
      Optional<String> replaced,
      Optional<ModelVersion> origin) {
    ObjectNode section = promotion(version, authority);
    section.put("replaced", replaced.orElse(null)).putNull("origin");
    origin.ifPresent(
        from ->
            section.putObject("origin").put("name", from.name()).put("version", from.version()));
  }

  public void rolledBack(ModelVersion version, Rollback.Done rollback, Authority authority) {
    promotion(version, authority)
        .put("rolled_back", rollback.from())
        .put("further", rollback.further().orElse(null));
  }

  private ObjectNode promotion(ModelVersion version, Authority authority) {
    model(version);
    return result
        .putObject("promotion")
        .put("who", authority.who())
        .put("reason", authority.reason());
  }

  public void scored(
      ModelVersion version, ScoringInput input, ScoredTable scored, ScoringSettings settings) {
    counts(new RowCounts(scored.read(), scored.scored(), scored.rejectedRows()));
    ObjectNode section = result.putObject("scoring");
    section.putObject("input").put("location", input.location()).put("version", input.version());
    section.put("run_id", version.runId());
    put(section, "predictions", scored.predictions());
    section.putNull("rejected");
    scored.rejected().ifPresent(table -> put(section, "rejected", table));
    section.putPOJO("rejected_by_rule", scored.rejectedByRule()).put("attempt", settings.attempt());
  }

  public void drift(Drift measured) {
    ObjectNode section = JSON.createObjectNode().put("rows", measured.rows());
    ObjectNode columns = section.putObject("columns");
    for (ColumnDrift column : measured.columns()) {
      columns
          .putObject(column.column())
          .put("psi", column.psi())
          .put("psi_by_chance", column.byChance())
          .put("mean_shift", orNull(column.meanShift()))
          .put("values", column.values());
    }
    drift = section;
  }

  public void retraining(String decision, String reason, Optional<String> compared) {
    result
        .putObject("retraining")
        .put("decision", decision)
        .put("reason", reason)
        .put("compared_with", compared.orElse(null))
        .set("drift", drift);
  }

  public void reproduced(Run run, Reproduction reproduction) {
    ArrayNode differences =
        result
            .putObject("reproduction")
            .put("run_id", run.id())
            .put("tolerance", Repeatability.TOLERANCE)
            .put("compared", reproduction.compared())
            .put("largest_difference", reproduction.largest())
            .put("largest_difference_of", reproduction.where().orElse(null))
            .putArray("differences");
    for (Reproduction.Difference difference : reproduction.differences()) {
      differences
          .addObject()
          .put("name", difference.name())
          .put("expected", difference.expected())
          .put("got", difference.got())
          .put("relative", orNull(difference.relative()));
    }
  }

  public void stages(List<StageMeter.Cost> costs) {
    ArrayNode stages = result.putArray("stages");
    for (StageMeter.Cost cost : costs) {
      stages
          .addObject()
          .put("name", cost.name())
          .put("seconds", cost.seconds())
          .put("jobs", cost.jobs())
          .put("rows_read", cost.rowsRead());
    }
  }

  /** The version and the gate's decision on it, in a few words. */
  public String outcome() {
    JsonNode version = result.at("/model/version");
    JsonNode gate = result.at("/gate/summary");
    return (version.isMissingNode() ? "no version" : "version " + version.asText())
        + (gate.isMissingNode() ? ", no gate" : " " + gate.asText());
  }

  /**
   * Writes the file; it appears complete or not at all.
   *
   * <p>Databricks documents that volumes support the move; no workspace has tried it yet.
   *
   * @throws IOException if its folder is missing or not writable
   */
  public void write(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path part = absolute.resolveSibling(absolute.getFileName() + ".part");
    Files.write(part, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(result));
    Files.move(part, absolute, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static @Nullable Double orNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
