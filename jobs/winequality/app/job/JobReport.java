package winequality.app.job;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.tracking.Run;
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
import winequality.metrics.Repeatability;
import winequality.record.Reproduction;
import winequality.scoring.ScoredTable;
import winequality.scoring.ScoringInput;
import winequality.scoring.ScoringSettings;

/**
 * What a job found so far: a field for each key of the result file and a record for each section,
 * in the order of the file.
 *
 * <p>Users script against names, order and types. Every key is always written; it is null until a
 * stage fills it. So the result file of a failed job shows how far the job came.
 */
@SuppressWarnings("UnusedVariable") // Jackson reads the fields
public final class JobReport {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .visibility(PropertyAccessor.FIELD, Visibility.ANY)
          .build();

  private String status = JobStatus.FAILED.text();
  private @Nullable String runId;
  private @Nullable String runUrl;
  private @Nullable String experimentId;
  private @Nullable Model model;
  private @Nullable Params params;
  private @Nullable Metrics metrics;
  private @Nullable Intervals intervals;
  private @Nullable Double intercept;
  private @Nullable Map<String, Double> coefficients;
  private @Nullable Rows rows;
  private @Nullable Quarantine quarantine;
  private @Nullable Table table;
  private @Nullable Split holdout;
  private @Nullable Tuning tuning;
  private @Nullable Gate gate;
  private @Nullable Promotion promotion;
  private @Nullable Scoring scoring;
  private @Nullable Retraining retraining;
  private @Nullable Reproduced reproduction;
  private List<StageMeter.Cost> stages = List.of();
  private @Nullable String error;

  private transient @Nullable NewRowsDrift drift;

  private record Model(String name, String version, List<String> aliases) {}

  private record Params(double alpha, double lambda, boolean standardization) {}

  private record Metrics(
      double rmse,
      double mae,
      @Nullable Double r2,
      @Nullable Double r2Correlation,
      double baselineRmse) {}

  /** Each interval is its lower and its upper bound. */
  private record Intervals(
      double confidence,
      @Nullable List<Double> rmse,
      @Nullable List<Double> mae,
      @Nullable List<Double> r2) {}

  /** Each stage fills its part. */
  private record Rows(
      @Nullable Long read,
      @Nullable Long accepted,
      @Nullable Long quarantined,
      @Nullable Long duplicates,
      @Nullable Long train,
      @Nullable Long test) {

    static final Rows UNKNOWN = new Rows(null, null, null, null, null, null);

    Rows with(RowCounts counts) {
      return new Rows(
          counts.read(), counts.accepted(), counts.quarantined(), duplicates, train, test);
    }

    Rows withDuplicates(long found) {
      return new Rows(read, accepted, quarantined, found, train, test);
    }

    Rows withSides(long trainRows, long testRows) {
      return new Rows(read, accepted, quarantined, duplicates, trainRows, testRows);
    }
  }

  private record Quarantine(
      @Nullable String location,
      @Nullable Long version,
      Map<String, Long> byRule,
      Map<String, String> examples) {}

  private record Table(String location, long version, @Nullable Long rows) {}

  private record Split(String trainSql, long seed, double trainFraction) {}

  private record Tuning(
      String rule,
      String foldSql,
      List<String> foldSqls,
      int folds,
      int repetitions,
      int points,
      double alpha,
      double lambda,
      double cvRmse,
      double cvRmseSe) {}

  private record Gate(
      String decision,
      @Nullable String champion,
      String summary,
      List<String> reasons,
      List<Check> checks) {}

  private record Check(
      String name, @Nullable Double value, @Nullable Double bound, boolean passed, String text) {}

  private sealed interface Promotion {}

  private record Promoted(
      String who, String reason, @Nullable String replaced, @Nullable Origin origin)
      implements Promotion {}

  /** The version that a promoted one is a copy of. */
  private record Origin(String name, String version) {}

  private record RolledBack(String who, String reason, String rolledBack, @Nullable String further)
      implements Promotion {}

  private record Scoring(
      Input input,
      String runId,
      TableVersion predictions,
      @Nullable TableVersion rejected,
      Map<String, Long> rejectedByRule,
      Map<String, String> examples,
      long attempt) {}

  private record Input(String location, String version) {}

  private record Retraining(
      String decision,
      String reason,
      @Nullable String comparedWith,
      @Nullable NewRowsDrift drift) {}

  private record NewRowsDrift(long rows, Map<String, DriftOfColumn> columns) {}

  private record DriftOfColumn(
      double psi, double psiByChance, @Nullable Double meanShift, long values) {}

  private record Reproduced(
      String runId,
      double tolerance,
      int compared,
      double largestDifference,
      @Nullable String largestDifferenceOf,
      List<Difference> differences) {}

  private record Difference(
      String name, @Nullable Double expected, @Nullable Double got, @Nullable Double relative) {}

  public void ended(JobStatus status) {
    this.status = status.text();
    error = null;
  }

  void failure(String message) {
    status = JobStatus.FAILED.text();
    error = message;
  }

  /** Forgets run, version and gate, before the next of several runs. */
  public void forget() {
    runId = null;
    runUrl = null;
    experimentId = null;
    model = null;
    gate = null;
  }

  public void params(LearningSettings learning) {
    params =
        new Params(learning.elasticNetParam(), learning.regParam(), learning.standardization());
  }

  public void tuning(CrossValidation path, TuningSettings settings) {
    PathPoint winner = path.winner();
    List<String> foldSqls = path.repetitions().stream().map(Folds::foldSql).toList();
    tuning =
        new Tuning(
            settings.rule().name().toLowerCase(Locale.ROOT).replace('_', '-'),
            foldSqls.get(0),
            foldSqls,
            settings.folds().folds(),
            foldSqls.size(),
            path.points().size(),
            winner.penalty().elasticNetParam(),
            winner.penalty().regParam(),
            winner.rmse().mean(),
            winner.rmse().standardError());
  }

  public void run(Run run, String url) {
    runId = run.id();
    runUrl = url;
    experimentId = run.experimentId();
  }

  public void table(IngestedTable ingested) {
    TableVersion table = ingested.accepted();
    this.table = new Table(table.location(), table.version(), null);
    ingested.counts().ifPresent(counts -> rows = rows().with(counts));
    quarantine(ingested.quarantine(), ingested.quarantinedByRule(), ingested.examples());
  }

  public void refused(RefusedSource refused) {
    rows = rows().with(refused.counts());
    quarantine(refused.quarantine(), refused.quarantinedByRule(), refused.examples());
  }

  private Rows rows() {
    return Objects.requireNonNullElse(rows, Rows.UNKNOWN);
  }

  private void quarantine(
      Optional<TableVersion> table, Map<String, Long> byRule, Map<String, String> examples) {
    quarantine =
        new Quarantine(
            table.map(TableVersion::location).orElse(null),
            table.map(TableVersion::version).orElse(null),
            byRule,
            new TreeMap<>(examples));
  }

  public void profile(TableVersion table, TableProfile profile) {
    this.table = new Table(table.location(), table.version(), profile.rows());
    rows = rows().withDuplicates(profile.duplicates());
  }

  public void holdout(Holdout holdout) {
    this.holdout =
        new Split(
            holdout.trainSql(), holdout.settings().seed(), holdout.settings().trainFraction());
  }

  public void fitted(FittedElasticNet fitted) {
    intercept = fitted.intercept();
    coefficients = fitted.coefficients();
  }

  public void evaluation(HoldoutEvaluation evaluation) {
    RegressionEvaluation test = evaluation.test();
    metrics =
        new Metrics(
            test.rmse(),
            test.mae(),
            orNull(test.r2()),
            orNull(test.r2Correlation()),
            test.baselineRmse());
    rows = rows().withSides(evaluation.train().rows(), test.rows());
  }

  public void intervals(RegressionIntervals intervals) {
    this.intervals =
        new Intervals(
            intervals.confidence(),
            bounds(intervals.rmse()),
            bounds(intervals.mae()),
            intervals.r2().map(JobReport::bounds).orElse(null));
  }

  private static @Nullable List<Double> bounds(Interval interval) {
    return interval.isBounded() ? List.of(interval.low(), interval.high()) : null;
  }

  public void version(RegisteredVersion version) {
    model = new Model(version.name(), version.version(), version.aliases());
  }

  public void model(ModelVersion version) {
    model =
        new Model(version.name(), version.version(), version.aliases().stream().sorted().toList());
  }

  /** Returns the section, which is also the content of the run's file {@code gate.json}. */
  public Object gate(GateDecision decision) {
    GateDecision.Grounds grounds = decision.grounds();
    gate =
        new Gate(
            decision.word(),
            grounds.champion().orElse(null),
            decision.summary(),
            grounds.checks().stream().map(GateCheck::text).toList(),
            grounds.checks().stream()
                .map(
                    check ->
                        new Check(
                            check.name(),
                            orNull(check.value()),
                            orNull(check.bound()),
                            check.passed(),
                            check.text()))
                .toList());
    return gate;
  }

  public void promoted(
      ModelVersion version,
      Authority authority,
      Optional<String> replaced,
      Optional<ModelVersion> origin) {
    model(version);
    promotion =
        new Promoted(
            authority.who(),
            authority.reason(),
            replaced.orElse(null),
            origin.map(from -> new Origin(from.name(), from.version())).orElse(null));
  }

  public void rolledBack(ModelVersion version, Rollback.Done rollback, Authority authority) {
    model(version);
    promotion =
        new RolledBack(
            authority.who(), authority.reason(), rollback.from(), rollback.further().orElse(null));
  }

  public void scored(
      ModelVersion version, ScoringInput input, ScoredTable scored, ScoringSettings settings) {
    rows = Rows.UNKNOWN.with(new RowCounts(scored.read(), scored.scored(), scored.rejectedRows()));
    scoring =
        new Scoring(
            new Input(input.location(), input.version()),
            version.runId(),
            scored.predictions(),
            scored.rejected().orElse(null),
            scored.rejectedByRule(),
            new TreeMap<>(scored.examples()),
            settings.attempt());
  }

  public void drift(Drift measured) {
    Map<String, DriftOfColumn> columns = new LinkedHashMap<>();
    for (ColumnDrift column : measured.columns()) {
      columns.put(
          column.column(),
          new DriftOfColumn(
              column.psi(), column.byChance(), orNull(column.meanShift()), column.values()));
    }
    drift = new NewRowsDrift(measured.rows(), columns);
  }

  public void retraining(String decision, String reason, Optional<String> compared) {
    retraining = new Retraining(decision, reason, compared.orElse(null), drift);
  }

  public void reproduced(Run run, Reproduction reproduction) {
    this.reproduction =
        new Reproduced(
            run.id(),
            Repeatability.TOLERANCE,
            reproduction.compared(),
            reproduction.largest(),
            reproduction.where().orElse(null),
            reproduction.differences().stream()
                .map(
                    difference ->
                        new Difference(
                            difference.name(),
                            difference.expected(),
                            difference.got(),
                            orNull(difference.relative())))
                .toList());
  }

  public void stages(List<StageMeter.Cost> costs) {
    stages = costs;
  }

  /** The version and the gate's decision on it, in a few words. */
  public String outcome() {
    return (model == null ? "no version" : "version " + model.version())
        + (gate == null ? ", no gate" : " " + gate.summary());
  }

  /**
   * Writes the file; it appears complete or not at all.
   *
   * <p>Databricks documents that a volume ({@code /Volumes/...}) supports the move. This was not
   * yet tried in a workspace.
   *
   * @throws IOException if its folder is missing or not writable
   */
  public void write(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path part = absolute.resolveSibling(absolute.getFileName() + ".part");
    Files.write(part, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    Files.move(part, absolute, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static @Nullable Double orNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
