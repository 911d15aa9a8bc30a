package elasticnet;

import static org.apache.spark.sql.functions.lit;

import elasticnet.encoding.FeatureEncoding;
import elasticnet.encoding.RegressionColumns;
import elasticnet.solver.CholeskyFactor;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.ElasticNetSolution;
import elasticnet.solver.ExactRefinement;
import elasticnet.solver.Penalty;
import elasticnet.statistics.FoldedStatisticsCollector;
import elasticnet.statistics.SufficientStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fits MLlib's {@code LinearRegression} after the stages of a {@link FeatureEncoding}.
 *
 * <p>With the squared error it minimises {@code 1/(2n)·Σ(y−b0−xβ)² + λα‖β‖₁ + λ(1−α)/(2·s)·‖β‖²}, s
 * the label's standard deviation on the fitted rows, because MLlib's λ applies to a label scaled to
 * unit variance. With weights, n and s are those of the weighted rows. The solver {@code normal}
 * reads the rows once.
 *
 * <p>MLlib's solvers sum raw squares, which lose their digits if a column's mean is much larger
 * than its deviation, and stop at a tolerance. Where statistics of the rows can be had, MLlib
 * therefore gets a small table that has the same variances and covariances, and the coefficients
 * are refined to the minimum, exact up to rounding. So the rows are read for their statistics
 * alone.
 *
 * @see <a href="https://spark.apache.org/docs/4.0.1/ml-classification-regression.html">Spark 4.0.1,
 *     linear regression</a>
 */
public final class ElasticNetTrainer {

  private static final Logger LOG = LoggerFactory.getLogger(ElasticNetTrainer.class);

  /** With more columns the cross-products cost too much, so MLlib's result is kept. */
  private static final int MOST_FEATURES = 2000;

  /** Of an equivalent table. */
  private static final int FEWEST_ROWS = 2000;

  /** Spark warns of larger tasks. */
  private static final int TASK_BYTES = 500_000;

  private final LearningSettings settings;

  public ElasticNetTrainer(LearningSettings settings) {
    this.settings = settings;
  }

  /**
   * Fits the train rows.
   *
   * @param train rows whose numbers are doubles, neither null nor NaN, except for gaps
   * @throws LearningException if there are no rows, a value is too large to be squared or cannot be
   *     encoded, or intercept or coefficients are not finite
   */
  public FittedElasticNet fit(Dataset<Row> train, RegressionColumns columns) {
    return fit(train, columns, statistics(train, columns, Optional.empty()));
  }

  /** As {@link #fit(Dataset, RegressionColumns)}, for plain numbers, at least one. */
  public FittedElasticNet fit(Dataset<Row> train, List<String> features, String label) {
    return fit(train, RegressionColumns.ofNumbers(features, label));
  }

  /**
   * The statistics that make the fit exact. Reads the rows once, unless they are known.
   *
   * @return empty with the Huber loss, without an intercept, or with more than 2,000 columns: these
   *     fits stay MLlib's
   */
  public Optional<SufficientStatistics> statistics(
      Dataset<Row> train, RegressionColumns columns, Optional<SufficientStatistics> known) {
    boolean exact =
        settings.loss().equals("squaredError")
            && settings.fitIntercept()
            && columns.features().names().size() <= MOST_FEATURES;
    return exact
        ? known.or(
            () -> Optional.of(new FoldedStatisticsCollector().collectUnfolded(train, columns)))
        : Optional.empty();
  }

  /**
   * As {@link #fit(Dataset, RegressionColumns)}.
   *
   * @param statistics from {@link #statistics}
   */
  public FittedElasticNet fit(
      Dataset<Row> train, RegressionColumns columns, Optional<SufficientStatistics> statistics) {
    FittedElasticNet byMllib = fitByMllib(train, columns, statistics);
    return statistics.flatMap(rows -> refined(byMllib, rows)).orElse(byMllib);
  }

  private Optional<FittedElasticNet> refined(FittedElasticNet byMllib, SufficientStatistics rows) {
    double[] start =
        byMllib.coefficients().values().stream().mapToDouble(Double::doubleValue).toArray();
    Penalty penalty = new Penalty(settings.elasticNetParam(), settings.regParam());
    Optional<ElasticNetSolution> found =
        ExactRefinement.refine(rows, ColumnScaling.of(settings.standardization()), penalty, start);
    if (found.isEmpty()) {
      LOG.warn(
          "The model keeps MLlib's coefficients, because rounding prevents more exact ones. Usually some columns are nearly sums of others; leave one of those out.");
      return Optional.empty();
    }
    ElasticNetSolution exact = found.get();
    Agreement agreement = Agreement.of(exact, byMllib, rows);
    LOG.info(
        String.format(
            Locale.ROOT,
            "The coefficients are exact; MLlib's differ by up to %.1e of the largest, its predictions by %.1e of the label's deviation",
            agreement.coefficients(),
            agreement.predictions()));
    double[] coefficients = new double[start.length];
    Arrays.setAll(coefficients, exact::coefficient);
    return Optional.of(with(coefficients, exact.intercept(), byMllib, rows));
  }

  /** MLlib's own result; with statistics, that of the {@link #equivalent} table. */
  FittedElasticNet fitByMllib(
      Dataset<Row> train, RegressionColumns columns, Optional<SufficientStatistics> statistics) {
    LinearRegression regression =
        new LinearRegression()
            .setFeaturesCol(FeatureEncoding.FEATURES)
            .setLabelCol(columns.label())
            .setPredictionCol(FittedElasticNet.PREDICTION)
            .setRegParam(settings.regParam())
            .setElasticNetParam(settings.elasticNetParam())
            .setStandardization(settings.standardization())
            .setFitIntercept(settings.fitIntercept())
            .setMaxIter(settings.maxIterations())
            .setTol(settings.tolerance())
            .setSolver(settings.solver())
            .setLoss(settings.loss())
            .setEpsilon(settings.huberEpsilon())
            .setAggregationDepth(settings.aggregationDepth());
    // a fitted model that predicts does not read it
    columns.weight().ifPresent(regression::setWeightCol);
    FeatureEncoding features = columns.features();
    LinearRegressionModel model =
        statistics
            .map(rows -> regression.fit(equivalent(train.sparkSession(), columns, rows)))
            .orElseGet(() -> fitted(regression, features, columns.counted(train)));
    double[] coefficients = model.coefficients().toArray();
    double intercept = model.intercept();
    if (statistics.isPresent()) {
      SufficientStatistics rows = statistics.get();
      intercept += rows.mean(coefficients.length);
      for (int i = 0; i < coefficients.length; i++) {
        intercept -= coefficients[i] * rows.mean(i);
      }
    }
    // a direct solution has the placeholder [0.0] instead of objectives
    double[] history = model.hasSummary() ? model.summary().objectiveHistory() : new double[0];
    List<Transformer> stages = new ArrayList<>(List.of(features.pipeline().stages()));
    stages.add(model);
    FittedElasticNet own =
        new FittedElasticNet(
            new PipelineModel(
                Identifiable.randomUID("pipeline"), stages.toArray(Transformer[]::new)),
            model.intercept(),
            finite(features.names(), coefficients, intercept),
            history.length < 2 ? List.of() : Arrays.stream(history).boxed().toList(),
            statistics.isPresent() ? 0.0 : model.summary().rootMeanSquaredError());
    return statistics.isPresent() ? with(coefficients, intercept, own, statistics.get()) : own;
  }

  /**
   * A table of few rows with the variances and covariances of all rows, and means of 0: the rows of
   * a Cholesky factor of the covariance matrix, each also with its sign changed. For {@code l-bfgs}
   * they are repeated, because it divides a variance by the number of rows less 1.
   */
  private Dataset<Row> equivalent(
      SparkSession spark, RegressionColumns columns, SufficientStatistics rows) {
    int size = rows.columns();
    double[][] factor = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = i; j < size; j++) {
        factor[i][j] = rows.product(i, j) / rows.weight() * size;
      }
    }
    new CholeskyFactor(factor);
    // without its size MLlib would look at a row
    Metadata vector = new AttributeGroup(FeatureEncoding.FEATURES, size - 1).toMetadata();
    StructType schema =
        new StructType()
            .add(FeatureEncoding.FEATURES, SQLDataTypes.VectorType(), false, vector)
            .add(columns.label(), DataTypes.DoubleType);
    List<Row> table = new ArrayList<>();
    for (int repeat = 0;
        repeat <= (settings.solver().equals("l-bfgs") ? FEWEST_ROWS / (2 * size) : 0);
        repeat++) {
      for (int i = 0; i < size; i++) {
        for (double sign : new double[] {1.0, -1.0}) {
          double[] row = new double[size];
          for (int j = i; j < size; j++) {
            row[j] = sign * factor[i][j];
          }
          Vector features = Vectors.dense(Arrays.copyOf(row, size - 1));
          table.add(RowFactory.create(features, row[size - 1]));
        }
      }
    }
    Dataset<Row> all = spark.createDataFrame(table, schema);
    // rows go to the executors with their task; more of them are left to a task for each core
    if ((long) table.size() * size * Double.BYTES <= TASK_BYTES) {
      all = all.coalesce(1);
    }
    return columns.weight().isPresent() ? all.withColumn(columns.weight().get(), lit(1.0)) : all;
  }

  /** The fit with other coefficients of these rows, also in its pipeline's regression. */
  private static FittedElasticNet with(
      double[] coefficients, double intercept, FittedElasticNet fitted, SufficientStatistics rows) {
    Transformer[] stages = fitted.pipeline().stages().clone();
    LinearRegressionModel old = (LinearRegressionModel) stages[stages.length - 1];
    stages[stages.length - 1] =
        old.copyValues(
            new LinearRegressionModel(old.uid(), Vectors.dense(coefficients), intercept),
            new ParamMap());
    return new FittedElasticNet(
        new PipelineModel(fitted.pipeline().uid(), stages),
        intercept,
        finite(List.copyOf(fitted.coefficients().keySet()), coefficients, intercept),
        fitted.objectiveHistory(),
        Math.sqrt(rows.squaredErrors(intercept, coefficients) / rows.weight()));
  }

  /** The coefficients by name. */
  private static Map<String, Double> finite(
      List<String> features, double[] coefficients, double intercept) {
    Map<String, Double> byName = new LinkedHashMap<>();
    for (int i = 0; i < coefficients.length; i++) {
      byName.put(features.get(i), coefficients[i]);
    }
    if (!Double.isFinite(intercept) || !byName.values().stream().allMatch(Double::isFinite)) {
      throw new LearningException(
          "The fit is not finite: intercept %s, coefficients %s; look for columns whose values are too large to be squared, or set regParam above 0"
              .formatted(intercept, byName),
          null);
    }
    return byName;
  }

  private static LinearRegressionModel fitted(
      LinearRegression regression, FeatureEncoding features, Dataset<Row> train) {
    try {
      return features.explaining(train, () -> regression.fit(features.pipeline().transform(train)));
    } catch (AssertionError | IllegalArgumentException e) {
      // how MLlib reports an empty input depends on its solver
      if (train.isEmpty()) {
        throw LearningException.noRows(e);
      }
      throw e;
    }
  }
}
