package elasticnet;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import elasticnet.solver.ColumnScaling;
import elasticnet.solver.ElasticNetSolution;
import elasticnet.solver.ExactRefinement;
import elasticnet.solver.Penalty;
import elasticnet.split.Columns;
import elasticnet.statistics.FoldedStatisticsCollector;
import elasticnet.statistics.SufficientStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fits MLlib's {@code LinearRegression} after a {@code VectorAssembler}.
 *
 * <p>With the squared error it minimises {@code 1/(2n)·Σ(y−b0−xβ)² + λα‖β‖₁ + λ(1−α)/(2·s)·‖β‖²}, s
 * the label's standard deviation on the fitted rows, because MLlib's λ applies to a label scaled to
 * unit variance. The solver {@code normal} reads the rows once.
 *
 * <p>MLlib's solvers sum raw squares, which lose their digits if a column's mean is much larger
 * than its deviation, and stop at a tolerance. Where statistics of the rows can be had, MLlib
 * therefore gets centred columns, and the coefficients are refined to the minimum, exact up to
 * rounding.
 *
 * @see <a href="https://spark.apache.org/docs/4.0.1/ml-classification-regression.html">Spark 4.0.1,
 *     linear regression</a>
 */
public final class ElasticNetTrainer {

  private static final Logger LOG = LoggerFactory.getLogger(ElasticNetTrainer.class);

  private static final String FEATURES = "features";

  /** With more features the cross-products cost too much, so MLlib's result is kept. */
  private static final int MOST_FEATURES = 2000;

  private final LearningSettings settings;

  public ElasticNetTrainer(LearningSettings settings) {
    this.settings = settings;
  }

  /**
   * Fits the train rows.
   *
   * @param train rows whose feature and label columns are doubles, neither null nor NaN
   * @param features names of the feature columns, at least one
   * @param label name of the label column
   * @throws LearningException if there are no rows, a value is too large to be squared, or
   *     intercept or coefficients are not finite
   */
  public FittedElasticNet fit(Dataset<Row> train, List<String> features, String label) {
    return fit(train, features, label, statistics(train, features, label, Optional.empty()));
  }

  /**
   * What makes the fit exact. Reads the rows once, unless their statistics are known.
   *
   * @return empty with the Huber loss, without an intercept, or with more than 2,000 features:
   *     these fits stay MLlib's
   */
  public Optional<SufficientStatistics> statistics(
      Dataset<Row> train,
      List<String> features,
      String label,
      Optional<SufficientStatistics> known) {
    boolean exact =
        settings.loss().equals("squaredError")
            && settings.fitIntercept()
            && features.size() <= MOST_FEATURES;
    return exact
        ? known.or(
            () ->
                Optional.of(
                    new FoldedStatisticsCollector().collectUnfolded(train, features, label)))
        : Optional.empty();
  }

  /**
   * As {@link #fit(Dataset, List, String)}.
   *
   * @param statistics from {@link #statistics}
   */
  public FittedElasticNet fit(
      Dataset<Row> train,
      List<String> features,
      String label,
      Optional<SufficientStatistics> statistics) {
    FittedElasticNet byMllib = fitByMllib(train, features, label, statistics);
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
          "The coefficients are MLlib's own. Rounding prevents exact ones, as with columns that nearly follow from others");
      return Optional.empty();
    }
    ElasticNetSolution exact = found.get();
    Agreement agreement = Agreement.of(exact, byMllib, rows);
    LOG.info(
        "MLlib's coefficients differ from the exact ones by up to {} (share of the largest), its predictions by {} (share of the label's deviation). The model has the exact ones.",
        agreement.coefficients(),
        agreement.predictions());
    double[] coefficients = new double[start.length];
    Arrays.setAll(coefficients, exact::coefficient);
    return Optional.of(with(coefficients, exact.intercept(), byMllib));
  }

  /** MLlib's own result. With statistics it gets centred columns, whose moments lose no digits. */
  FittedElasticNet fitByMllib(
      Dataset<Row> train,
      List<String> features,
      String label,
      Optional<SufficientStatistics> statistics) {
    VectorAssembler assembler =
        new VectorAssembler()
            .setInputCols(features.toArray(String[]::new))
            .setOutputCol(FEATURES)
            .setHandleInvalid("error");
    LinearRegression regression =
        new LinearRegression()
            .setFeaturesCol(FEATURES)
            .setLabelCol(label)
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
    Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {assembler, regression});
    List<String> columns = new ArrayList<>(features);
    columns.add(label);
    double[] means = new double[columns.size()];
    statistics.ifPresent(rows -> Arrays.setAll(means, rows::mean));
    Column[] centred = new Column[means.length];
    Arrays.setAll(
        centred, i -> col(Columns.quoted(columns.get(i))).minus(lit(means[i])).as(columns.get(i)));
    PipelineModel fitted = fitted(pipeline, statistics.isPresent() ? train.select(centred) : train);
    LinearRegressionModel model = (LinearRegressionModel) fitted.stages()[1];
    // a direct solution has the placeholder [0.0] instead of objectives
    double[] history = model.hasSummary() ? model.summary().objectiveHistory() : new double[0];
    double[] coefficients = model.coefficients().toArray();
    FittedElasticNet own =
        new FittedElasticNet(
            fitted,
            model.intercept(),
            finite(features, coefficients, model.intercept()),
            history.length < 2 ? List.of() : Arrays.stream(history).boxed().toList());
    if (statistics.isEmpty()) {
      return own;
    }
    double intercept = model.intercept() + means[features.size()];
    for (int i = 0; i < coefficients.length; i++) {
      intercept -= coefficients[i] * means[i];
    }
    return with(coefficients, intercept, own);
  }

  /** The fit with other coefficients, also in its pipeline's regression. */
  private static FittedElasticNet with(
      double[] coefficients, double intercept, FittedElasticNet fitted) {
    Transformer[] stages = fitted.pipeline().stages();
    LinearRegressionModel old = (LinearRegressionModel) stages[1];
    LinearRegressionModel model =
        old.copyValues(
            new LinearRegressionModel(old.uid(), Vectors.dense(coefficients), intercept),
            new ParamMap());
    return new FittedElasticNet(
        new PipelineModel(fitted.pipeline().uid(), new Transformer[] {stages[0], model}),
        intercept,
        finite(List.copyOf(fitted.coefficients().keySet()), coefficients, intercept),
        fitted.objectiveHistory());
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

  private static PipelineModel fitted(Pipeline pipeline, Dataset<Row> train) {
    try {
      return pipeline.fit(train);
    } catch (AssertionError e) {
      // MLlib's normal equations report an empty input this way
      if (String.valueOf(e.getMessage()).contains("Training dataset is empty")) {
        throw LearningException.noRows(e);
      }
      throw e;
    }
  }
}
