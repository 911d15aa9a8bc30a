package winequality.record;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import elasticnet.CoefficientSignificance;
import elasticnet.FittedElasticNet;
import elasticnet.LearningSettings;
import elasticnet.Significance;
import elasticnet.split.Holdout;
import elasticnet.split.HoldoutSettings;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sparkmlflow.model.ColumnType;
import sparkmlflow.model.InputExample;
import sparkmlflow.model.ModelSignature;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.DeltaInput;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.TagValues;
import winequality.JobTags;
import winequality.SafeText;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;
import winequality.data.RowCounts;
import winequality.data.ingest.IngestedTable;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.TableProfile;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.Interval;
import winequality.metrics.RegressionEvaluation;
import winequality.metrics.RegressionIntervals;

/** The results of a training as its run and its version record them. */
public record TrainingRecord(
    DatasetDescription dataset,
    LearningSettings learning,
    IngestedTable table,
    TableProfile profile,
    Holdout holdout,
    FittedElasticNet fitted,
    CoefficientSignificance tests,
    HoldoutEvaluation evaluation,
    RegressionIntervals intervals) {

  // artifacts: the effective settings, the page, TableProfile.toJson(), coefficients and intercept
  public static final String SETTINGS = "settings.conf";
  public static final String REPORT = "report.html";
  public static final String PROFILE = "profile.json";
  public static final String COEFFICIENTS = "coefficients.json";

  private static final int DIGEST = 16;
  // leaves room for the sum of the other rules below the 5,000 bytes of a tag
  private static final int RULES_BYTES = 4900;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The message of the original workflow: alpha, lambda and three metrics. */
  public String message() {
    RegressionEvaluation test = evaluation.test();
    return String.format(
        Locale.ROOT,
        "Elastic net model (alpha=%s, lambda=%s):%n  RMSE: %.6f%n  MAE: %.6f%n  R2: %s",
        learning.elasticNetParam(),
        learning.regParam(),
        test.rmse(),
        test.mae(),
        figure("%.6f", test.r2()));
  }

  /** A line on where the rows went. */
  public String rows() {
    return "%sthe table has %d: %d train, %d test"
        .formatted(
            table
                .counts()
                .map(
                    rows ->
                        "%d rows read, %d accepted, %d quarantined; "
                            .formatted(rows.read(), rows.accepted(), rows.quarantined()))
                .orElse(""),
            profile.rows(),
            evaluation.train().rows(),
            evaluation.test().rows());
  }

  /** The table's columns that predict, and the prediction. */
  public ModelSignature signature() {
    List<ModelSignature.Column> inputs =
        dataset.featureColumns().stream()
            .map(
                column -> {
                  ColumnType type =
                      column.kind() instanceof ColumnKind.Category
                          ? ColumnType.STRING
                          : ColumnType.DOUBLE;
                  return column.kind().mayBeMissing()
                      ? ModelSignature.Column.optional(column.name(), type)
                      : ModelSignature.Column.required(column.name(), type);
                })
            .toList();
    return ModelSignature.ofRegressionOn(inputs);
  }

  /**
   * The average row with the most frequent levels: a plausible request that does not depend on how
   * the table is partitioned.
   */
  public InputExample example() {
    List<Object> average = new ArrayList<>();
    for (ColumnDescription column : dataset.featureColumns()) {
      Double mean = evaluation.trainMeans().get(column.name());
      average.add(
          column.kind() instanceof ColumnKind.Category || mean == null
              ? mostFrequent(column)
              : new BigDecimal(mean).round(new MathContext(4)).doubleValue());
    }
    return new InputExample(dataset.features(), List.of(average));
  }

  private String mostFrequent(ColumnDescription column) {
    Map<String, Long> rows = profile.column(column.name()).orElseThrow().levelCounts();
    return profile.levels(column).stream()
        .max(Comparator.comparingLong(level -> rows.getOrDefault(level, 0L)))
        .orElseThrow();
  }

  /** Logs everything but the model to a run. */
  public void logTo(ActiveRun run) {
    run.params(params());
    run.metrics(metrics());
    if (!fitted.objectiveHistory().isEmpty()) {
      run.metric("objective", 0, fitted.objectiveHistory());
    }
    run.inputs(
        List.of(
            input(DeltaInput.Use.TRAINING, "train", evaluation.train().rows()),
            input(DeltaInput.Use.TESTING, "test", evaluation.test().rows())));
    run.tags(tags());
    run.description(summary() + "\n\n[Report](" + run.url(REPORT) + ")");
    logCoefficients(run);
    run.text(PROFILE, profile.toJson());
    run.shownAsTable(PROFILE);
  }

  /** Params with MLlib's names, and {@code alpha} and {@code lambda} of the original workflow. */
  Map<String, String> params() {
    Map<String, String> params = params(learning, holdout.settings());
    params.put("tableVersion", String.valueOf(table.accepted().version()));
    return params;
  }

  /** The params that follow from the settings. */
  static Map<String, String> params(LearningSettings learning, HoldoutSettings holdout) {
    Map<String, String> params = new LinkedHashMap<>();
    params.put("alpha", String.valueOf(learning.elasticNetParam()));
    params.put("lambda", String.valueOf(learning.regParam()));
    params.put("elasticNetParam", String.valueOf(learning.elasticNetParam()));
    params.put("regParam", String.valueOf(learning.regParam()));
    params.put("standardization", String.valueOf(learning.standardization()));
    params.put("fitIntercept", String.valueOf(learning.fitIntercept()));
    params.put("solver", learning.solver());
    params.put("loss", learning.loss());
    if (learning.loss().equals("huber")) {
      params.put("epsilon", String.valueOf(learning.huberEpsilon()));
    }
    params.put("maxIter", String.valueOf(learning.maxIterations()));
    params.put("tol", String.valueOf(learning.tolerance()));
    params.put("trainFraction", String.valueOf(holdout.trainFraction()));
    params.put("seed", String.valueOf(holdout.seed()));
    return params;
  }

  /**
   * Metrics of the test side with the bounds of their intervals, and of the train side with the
   * prefix {@code train_}. Undefined ones are absent.
   */
  Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    put(metrics, "", evaluation.test());
    put(metrics, "train_", evaluation.train());
    metrics.put("baseline_rmse", evaluation.test().baselineRmse());
    put(metrics, "rmse", intervals.rmse());
    put(metrics, "mae", intervals.mae());
    intervals.r2().ifPresent(interval -> put(metrics, "r2", interval));
    return metrics;
  }

  private static void put(Map<String, Double> metrics, String name, Interval interval) {
    if (interval.isBounded()) {
      metrics.put(name + "_ci_low", interval.low());
      metrics.put(name + "_ci_high", interval.high());
    }
  }

  private static void put(
      Map<String, Double> metrics, String prefix, RegressionEvaluation evaluation) {
    metrics.put(prefix + "rmse", evaluation.rmse());
    metrics.put(prefix + "mae", evaluation.mae());
    evaluation.r2().ifPresent(value -> metrics.put(prefix + "r2", value));
    evaluation.r2Correlation().ifPresent(value -> metrics.put(prefix + "r2_correlation", value));
  }

  private DeltaInput input(DeltaInput.Use use, String side, long rows) {
    return new DeltaInput(
        use,
        dataset.name() + "-" + side,
        Fingerprint.of(table.accepted() + "\n" + holdout.trainSql() + "\n" + side)
            .substring(0, DIGEST),
        table.accepted().location(),
        table.accepted().version(),
        dataset.columns().stream().map(ColumnDescription::name).toList(),
        rows);
  }

  /** Whether {@link #logTo} filled the run. */
  public static boolean isOf(Run run) {
    return run.tags().containsKey(JobTags.RUN_SPLIT_FINGERPRINT);
  }

  /** Tags of the run; no key contains a name from the data. */
  Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(JobTags.RUN_TABLE, table.accepted().location());
    tags.put(JobTags.RUN_TABLE_VERSION, String.valueOf(table.accepted().version()));
    tags.put(JobTags.RUN_SPLIT_FINGERPRINT, Fingerprint.of(holdout.trainSql()));
    tags.put(
        JobTags.RUN_ROWS, String.valueOf(evaluation.train().rows() + evaluation.test().rows()));
    if (table.counts().isPresent()) {
      RowCounts counts = table.counts().get();
      tags.put(JobTags.RUN_ROWS_READ, String.valueOf(counts.read()));
      tags.put(JobTags.RUN_ROWS_QUARANTINED, String.valueOf(counts.quarantined()));
    }
    if (!table.quarantinedByRule().isEmpty()) {
      tags.put(JobTags.RUN_QUARANTINED_BY_RULE, quarantinedByRule());
    }
    return tags;
  }

  /**
   * The refused rows of each rule, as JSON, because MLflow allows few characters in a tag's key.
   * The last entry sums up the rules that do not fit into the tag.
   */
  private String quarantinedByRule() {
    ObjectNode counts = JSON.createObjectNode();
    long others = 0;
    for (Map.Entry<String, Long> rule : table.quarantinedByRule().entrySet()) {
      ObjectNode longer = counts.deepCopy().put(rule.getKey(), rule.getValue());
      if (others == 0 && TagValues.bytes(longer.toString()) <= RULES_BYTES) {
        counts = longer;
      } else {
        others += rule.getValue();
      }
    }
    return (others == 0 ? counts : counts.put("(other rules)", others)).toString();
  }

  /** Tags of the version: the source of its data and its quality. */
  public Map<String, String> versionTags() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(JobTags.ALPHA, String.valueOf(learning.elasticNetParam()));
    tags.put(JobTags.LAMBDA, String.valueOf(learning.regParam()));
    tags.put(JobTags.RMSE, String.valueOf(evaluation.test().rmse()));
    tags.put(JobTags.TABLE, table.accepted().location());
    tags.put(JobTags.TABLE_VERSION, String.valueOf(table.accepted().version()));
    tags.put(JobTags.SPLIT_FINGERPRINT, Fingerprint.of(holdout.trainSql()));
    return tags;
  }

  public Map<String, String> modelMetadata() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("table", table.accepted().location());
    facts.put("table_version", String.valueOf(table.accepted().version()));
    for (ColumnDescription column : dataset.columns()) {
      if (!column.unit().isEmpty()) {
        facts.put("unit of " + column.name(), column.unit());
      }
    }
    return facts;
  }

  /** The description of the version, in Markdown. */
  public String versionDescription(String runUrl, String reportUrl) {
    return summary() + "\n\n[Report](" + reportUrl + ") · [Run](" + runUrl + ")";
  }

  private String summary() {
    RegressionEvaluation test = evaluation.test();
    RegressionEvaluation train = evaluation.train();
    String r2 = intervals.r2().map(TrainingRecord::bounds).orElse("–");
    Optional<String> read =
        table.counts().map(by -> "%d read, %d quarantined".formatted(by.read(), by.quarantined()));
    String level = String.format(Locale.ROOT, "%.0f %% interval", 100 * intervals.confidence());
    return "RMSE **%s** on %s test rows, %s the mean: elastic net for **%s** of the %s table, "
            .formatted(
                four(test.rmse()),
                test.rows(),
                gain(),
                SafeText.markdown(dataset.label()),
                SafeText.markdown(dataset.name()))
        + "alpha %s, lambda %s".formatted(learning.elasticNetParam(), learning.regParam())
        + (learning.standardization() ? ", standardised" : "")
        + ".\n\n"
        + row("", "test", level, "train")
        + "|---|---|---|---|\n"
        + row("RMSE", four(test.rmse()), bounds(intervals.rmse()), four(train.rmse()))
        + row("MAE", four(test.mae()), bounds(intervals.mae()), four(train.mae()))
        + row("R²", figure("%.4f", test.r2()), r2, figure("%.4f", train.r2()))
        + row("RMSE of the mean", four(test.baselineRmse()), "", four(train.baselineRmse()))
        + row("rows", test.rows(), "", train.rows())
        + "\nData: %s at version %s, "
            .formatted(SafeText.code(table.accepted().location()), table.accepted().version())
        + "%s rows, %s duplicates; ".formatted(profile.rows(), profile.duplicates())
        + read.orElse("nothing was taken in")
        + ".";
  }

  private static String row(Object... cells) {
    return Stream.of(cells)
        .map(cell -> cell.equals("") ? " " : " " + cell + " ")
        .collect(Collectors.joining("|", "|", "|\n"));
  }

  /** Whether the model is better than the mean: in the first line, as the UI folds the rest. */
  private String gain() {
    Interval difference = intervals.baselineDifference();
    double baseline = evaluation.test().baselineRmse();
    if (baseline == 0.0) {
      return "where every label is";
    }
    if (!difference.isNegative() && !(difference.isBounded() && difference.low() > 0.0)) {
      return "not shown to be better than";
    }
    double change = 100.0 * Math.abs(evaluation.test().rmse() / baseline - 1.0);
    String word = difference.isNegative() ? "better" : "worse";
    return String.format(Locale.ROOT, "%.1f %% %s than", change, word);
  }

  private static String bounds(Interval interval) {
    return interval.isBounded()
        // the UI trims spaces, but not &ensp;, and sets cells close together
        ? String.format(Locale.ROOT, "&ensp;%.4f to %.4f&ensp;", interval.low(), interval.high())
        : "–";
  }

  /** Unit of the label; may be empty. */
  public String labelUnit() {
    return profile.column(dataset.label()).map(ColumnProfile::unit).orElse("");
  }

  public CoefficientTable coefficientTable() {
    return CoefficientTable.of(this);
  }

  /** The table has the columns of the significance tests only if their assumptions hold. */
  private void logCoefficients(ActiveRun run) {
    CoefficientTable coefficients = coefficientTable();
    boolean tested = coefficients.untested().isEmpty();
    List<String> columns = new ArrayList<>(List.of("name", "unit", "coefficient", "standardized"));
    if (tested) {
      columns.addAll(List.of("standard_error", "t", "p"));
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (CoefficientTable.Line line : coefficients.lines()) {
      List<@Nullable Object> row =
          new ArrayList<>(List.of(line.name(), line.unit(), line.coefficient()));
      row.add(line.standardized().isPresent() ? line.standardized().getAsDouble() : null);
      if (tested) {
        row.add(line.test().map(Significance::standardError).orElse(null));
        row.add(line.test().map(Significance::t).orElse(null));
        row.add(line.test().map(Significance::p).orElse(null));
      }
      rows.add(row);
    }
    run.table(COEFFICIENTS, columns, rows);
  }

  private static String four(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static String figure(String format, OptionalDouble value) {
    return value.isPresent()
        ? String.format(Locale.ROOT, format, value.getAsDouble())
        : "undefined";
  }
}
