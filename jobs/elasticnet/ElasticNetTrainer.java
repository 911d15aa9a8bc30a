package elasticnet;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import elasticnet.solver.ColumnScaling;
import elasticnet.solver.ElasticNetProblem;
import elasticnet.solver.ElasticNetSolution;
import elasticnet.solver.ElasticNetSolver;
import elasticnet.solver.Penalty;
import elasticnet.solver.SolverSettings;
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

  /** With more, their cross-products cost too much, and MLlib's result stands as it is. */
  private static final int MOST_FEATURES = 1000;

  private static final SolverSettings LIMITS = new SolverSettings(1e-13, 10_000);

  private final LearningSettings settings;

  public ElasticNetTrainer(LearningSettings settings) {
    this.settings = settings;
  }

  /**
   * Fits the train rows; see {@link #statistics} for the pass over them that precedes MLlib's.
   *
   * @param train rows whose feature and label columns are doubles, neither null nor NaN
   * @param features names of the feature columns, at least one
   * @param label name of the label column
   * @throws LearningException if there are no rows, a value is too large to be squared, or
   *     intercept or coefficients are not finite
   */
  public FittedElasticNet fit(Dataset<Row> train, List<String> features, String label) {
    return fit(train, features, label, statistics(train, features, label));
  }

  /**
   * The train rows' statistics, which make the fit exact; empty for a loss, a model or a number of
   * features for which they cannot. Reads the rows once.
   */
  public Optional<SufficientStatistics> statistics(
      Dataset<Row> train, List<String> features, String label) {
    boolean exact =
        settings.loss().equals("squaredError")
            && settings.fitIntercept()
            && features.size() <= MOST_FEATURES;
    return exact
        ? Optional.of(new FoldedStatisticsCollector().collectUnfolded(train, features, label))
        : Optional.empty();
  }

  /** As {@link #fit(Dataset, List, String)}, with statistics that are there already. */
  public FittedElasticNet fit(
      Dataset<Row> train,
      List<String> features,
      String label,
      Optional<SufficientStatistics> statistics) {
    FittedElasticNet byMllib = fitByMllib(train, features, label, statistics);
    return statistics.map(rows -> refined(byMllib, rows)).orElse(byMllib);
  }

  private FittedElasticNet refined(FittedElasticNet byMllib, SufficientStatistics rows) {
    ElasticNetProblem problem =
        new ElasticNetProblem(rows, ColumnScaling.of(settings.standardization()));
    Penalty penalty = new Penalty(settings.elasticNetParam(), settings.regParam());
    ElasticNetSolution exact = new ElasticNetSolver(LIMITS).solve(problem, penalty);
    Agreement agreement = Agreement.of(exact, byMllib, rows);
    LOG.info(
        "MLlib's coefficients were off by {} of the largest one, its predictions by {} of the label's standard deviation; the model has the exact ones",
        agreement.coefficients(),
        agreement.predictions());
    if (!agreement.isClose()) {
      LOG.warn(
          "MLlib stopped far from the minimum after at most {} iterations with tolerance {}",
          settings.maxIterations(),
          settings.tolerance());
    }
    List<String> features = List.copyOf(byMllib.coefficients().keySet());
    double[] coefficients = new double[exact.features()];
    Arrays.setAll(coefficients, exact::coefficient);
    return fitted(
        byMllib.pipeline(), features, coefficients, exact.intercept(), byMllib.objectiveHistory());
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
    double intercept = model.intercept() + means[features.size()];
    for (int i = 0; i < coefficients.length; i++) {
      intercept -= coefficients[i] * means[i];
    }
    return fitted(
        fitted,
        features,
        coefficients,
        intercept,
        history.length < 2 ? List.of() : Arrays.stream(history).boxed().toList());
  }

  /** The pipeline with other coefficients in its regression. */
  private static FittedElasticNet fitted(
      PipelineModel pipeline,
      List<String> features,
      double[] coefficients,
      double intercept,
      List<Double> history) {
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
    LinearRegressionModel old = (LinearRegressionModel) pipeline.stages()[1];
    LinearRegressionModel model =
        old.copyValues(
            new LinearRegressionModel(old.uid(), Vectors.dense(coefficients), intercept),
            new ParamMap());
    return new FittedElasticNet(
        new PipelineModel(pipeline.uid(), new Transformer[] {pipeline.stages()[0], model}),
        intercept,
        byName,
        history);
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
