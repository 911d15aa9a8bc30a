package winequality.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import elasticnet.CrossValidation;
import elasticnet.CrossValidationPath;
import elasticnet.SelectionMeasure;
import elasticnet.SelectionRule;
import elasticnet.TuningSettings;
import elasticnet.encoding.RegressionColumns;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import elasticnet.solver.SolverSettings;
import elasticnet.split.FoldAssigner;
import elasticnet.split.FoldSettings;
import elasticnet.statistics.FoldedStatisticsCollector;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The tuner, what it is made of, and Spark's own ways.
 *
 * <p>All of them start from the Parquet files, in every run, except those named {@code cached}:
 * {@code fit-cached} gets its rows from memory, assembled to vectors, {@code pass-cached} as
 * columns.
 */
final class Tuning {
  private static final String LABEL = "quality";
  private static final double[] GRID_REG_PARAMS = {0.01, 0.5, 2.0};
  private static final double[] GRID_ELASTIC_NET_PARAMS = {0.0, 0.5, 1.0};

  /** No 0: scikit-learn makes no sequence of penalties for the ridge. */
  private static final List<Double> PATH_ELASTIC_NET_PARAMS = List.of(0.1, 0.5, 1.0);

  /** More than a peer is asked for: their own default tolerances are 1e-4 and 1e-7. */
  private static final SolverSettings EXACT = new SolverSettings(1e-12, 10_000);

  private static final FoldSettings FOLDS = new FoldSettings(5, List.of(42L));

  private final Dataset<Row> table;
  private final List<String> features;

  Tuning(Dataset<Row> table) {
    this.table = table;
    this.features = features(table);
  }

  private static List<String> features(Dataset<Row> rows) {
    return Arrays.stream(rows.columns()).filter(column -> !column.equals(LABEL)).toList();
  }

  void run(String name, Turns turns) throws Exception {
    switch (name) {
      case "ours-grid" -> take(turns, name, this::grid);
      case "ours-path" -> take(turns, name, this::path);
      case "ours-path-memory" -> turns.write(name, "note", 0.0, LiveHeap.of(this::path));
      case "scan" -> take(turns, name, () -> scan(table));
      case "pass" -> passBesideScan(turns, "", table);
      case "pass-cached" -> passBesideScan(turns, "-cached", cached(table));
      case "fit" -> take(turns, name, () -> fit(assembled()));
      case "fit-cached" -> {
        Dataset<Row> cached = cached(assembled());
        take(turns, name, () -> fit(cached));
      }
      case "crossvalidator" -> take(turns, name, this::crossValidator);
      default -> throw new IllegalArgumentException("There is no contestant " + name + " on Spark");
    }
  }

  private static void take(Turns turns, String name, Callable<String> run) throws Exception {
    turns.take(new Turns.Contestant(name, run));
  }

  /** The same rows, the same reading. */
  private void passBesideScan(Turns turns, String suffix, Dataset<Row> rows) throws Exception {
    turns.take(
        new Turns.Contestant("scan" + suffix, () -> scan(rows)),
        new Turns.Contestant("pass" + suffix, () -> pass(rows)));
  }

  private static Dataset<Row> cached(Dataset<Row> rows) {
    Dataset<Row> cached = rows.cache();
    cached.count();
    return cached;
  }

  /** What the tuner does with the rows, without what it does with their statistics. */
  static String pass(Dataset<Row> rows) {
    List<String> features = features(rows);
    long collected =
        new FoldedStatisticsCollector()
            .collect(
                rows,
                RegressionColumns.ofNumbers(features, LABEL),
                new FoldAssigner(FOLDS).assign(features))
            .total()
            .rows();
    return collected + " rows";
  }

  private static String scan(Dataset<Row> rows) {
    Column[] sums =
        Arrays.stream(rows.columns())
            .map(column -> sum(col("`" + column + "`")))
            .toArray(Column[]::new);
    Row row = rows.select(sums).head();
    return String.format(Locale.ROOT, "sum of %s %.6g", LABEL, row.getDouble(row.length() - 1));
  }

  private String grid() {
    return ours(
        Arrays.stream(GRID_ELASTIC_NET_PARAMS).boxed().toList(),
        new RegParams.Grid(Arrays.stream(GRID_REG_PARAMS).boxed().toList()));
  }

  private String path() {
    return ours(PATH_ELASTIC_NET_PARAMS, new RegParams.Sequence(100, 1e-4));
  }

  private String ours(List<Double> elasticNetParams, RegParams regParams) {
    CrossValidation validated =
        new CrossValidationPath(
                new TuningSettings(
                    FOLDS,
                    elasticNetParams,
                    regParams,
                    ColumnScaling.STANDARDIZED,
                    SelectionMeasure.MSE,
                    SelectionRule.MINIMUM,
                    TuningSettings.AbsoluteError.SKIPPED,
                    EXACT))
            .fit(table, features, LABEL);
    return String.format(
        Locale.ROOT,
        "%d points, RMSE %.5f",
        validated.points().size(),
        validated.minimum().rmse().mean());
  }

  private Dataset<Row> assembled() {
    return new VectorAssembler()
        .setInputCols(features.toArray(String[]::new))
        .setOutputCol("features")
        .transform(table)
        .select("features", LABEL);
  }

  private static LinearRegression regression() {
    return new LinearRegression().setLabelCol(LABEL).setSolver("normal");
  }

  private static String fit(Dataset<Row> assembled) {
    return String.format(
        Locale.ROOT,
        "intercept %.6g",
        regression().setRegParam(0.01).setElasticNetParam(0.5).fit(assembled).intercept());
  }

  private String crossValidator() {
    LinearRegression regression = regression();
    ParamMap[] grid =
        new ParamGridBuilder()
            .addGrid(regression.elasticNetParam(), GRID_ELASTIC_NET_PARAMS)
            .addGrid(regression.regParam(), GRID_REG_PARAMS)
            .build();
    CrossValidatorModel validated =
        new CrossValidator()
            .setEstimator(regression)
            .setEvaluator(new RegressionEvaluator().setLabelCol(LABEL).setMetricName("rmse"))
            .setEstimatorParamMaps(grid)
            .setNumFolds(FOLDS.folds())
            .setSeed(42L)
            .setParallelism(Runtime.getRuntime().availableProcessors())
            .fit(assembled());
    return String.format(
        Locale.ROOT,
        "%d points, RMSE %.5f",
        grid.length,
        Arrays.stream(validated.avgMetrics()).min().orElseThrow());
  }
}
