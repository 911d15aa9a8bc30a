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
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
import org.apache.spark.sql.SparkSession;

/**
 * Runs one of the peers that are on Spark, under spark-submit: {@code PEER PARQUET TIMES}.
 *
 * <p>All of them start from the Parquet files, in every run, except those named {@code cached}:
 * {@code fit-cached} gets its rows from memory, assembled to vectors, {@code pass-cached} as
 * columns.
 */
public final class SparkPeer {
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

  private SparkPeer(Dataset<Row> table) {
    this.table = table;
    this.features = Arrays.stream(table.columns()).filter(column -> !column.equals(LABEL)).toList();
  }

  public static void main(String[] arguments) throws Exception {
    String peer = arguments[0];
    SparkSession spark = SparkSession.builder().appName("bench " + peer).getOrCreate();
    try {
      Dataset<Row> table = spark.read().parquet(arguments[1]);
      Stopwatch stopwatch = new Stopwatch(peer, table.count(), Path.of(arguments[2]));
      new SparkPeer(table).run(peer, stopwatch);
    } finally {
      spark.stop();
    }
  }

  private void run(String peer, Stopwatch stopwatch) throws Exception {
    switch (peer) {
      case "ours-grid" -> stopwatch.time(this::grid);
      case "ours-path" -> stopwatch.time(this::path);
      case "ours-path-memory" -> LiveHeap.measure(stopwatch, this::path);
      case "scan" -> stopwatch.time(() -> scan(table));
      case "pass" -> passBesideScan(table, stopwatch);
      case "pass-cached" -> {
        Dataset<Row> cached = table.cache();
        cached.count();
        passBesideScan(cached, stopwatch);
      }
      case "fit" -> stopwatch.time(() -> fit(assembled()));
      case "fit-cached" -> {
        Dataset<Row> cached = assembled().cache();
        cached.count();
        stopwatch.time(() -> fit(cached));
      }
      case "crossvalidator" -> stopwatch.time(this::crossValidator);
      default -> throw new IllegalArgumentException("There is no peer " + peer + " on Spark");
    }
  }

  /** The same rows, the same reading, in turns. */
  private void passBesideScan(Dataset<Row> rows, Stopwatch stopwatch) throws Exception {
    Stopwatch beside =
        new Stopwatch(stopwatch.peer() + "-scan", stopwatch.rows(), stopwatch.times());
    new Beside().time(stopwatch, () -> pass(rows), beside, () -> scan(rows));
  }

  /** What the tuner does with the rows, without what it does with their statistics. */
  private String pass(Dataset<Row> rows) {
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
