package elasticnet;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Fits MLlib's {@code LinearRegression} after a {@code VectorAssembler}.
 *
 * <p>With the squared error it minimises {@code 1/(2n)·Σ(y−b0−xβ)² + λα‖β‖₁ + λ(1−α)/(2·s)·‖β‖²}, s
 * the label's standard deviation on the fitted rows, because MLlib's λ applies to a label scaled to
 * unit variance. The solver {@code normal} reads the rows once.
 *
 * @see <a href="https://spark.apache.org/docs/4.0.1/ml-classification-regression.html">Spark 4.0.1,
 *     linear regression</a>
 */
public final class ElasticNetTrainer {

  private static final String FEATURES = "features";

  private final LearningSettings settings;

  public ElasticNetTrainer(LearningSettings settings) {
    this.settings = settings;
  }

  /**
   * Fits the train rows.
   *
   * @param train rows whose feature and label columns are doubles, neither null nor NaN
   * @param features at least one
   * @throws LearningException if there are no rows, or intercept or coefficients are not finite
   */
  public FittedElasticNet fit(Dataset<Row> train, List<String> features, String label) {
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
    PipelineModel fitted = fitted(pipeline, train);
    LinearRegressionModel model = (LinearRegressionModel) fitted.stages()[1];
    Map<String, Double> coefficients = coefficients(model, features);
    // a direct solution has the placeholder [0.0] instead of objectives
    double[] history = model.hasSummary() ? model.summary().objectiveHistory() : new double[0];
    return new FittedElasticNet(
        fitted,
        model.intercept(),
        coefficients,
        history.length < 2 ? List.of() : Arrays.stream(history).boxed().toList());
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

  private static Map<String, Double> coefficients(
      LinearRegressionModel model, List<String> features) {
    Vector values = model.coefficients();
    Map<String, Double> byName = new LinkedHashMap<>();
    for (int i = 0; i < features.size(); i++) {
      byName.put(features.get(i), values.apply(i));
    }
    if (!Double.isFinite(model.intercept())
        || !byName.values().stream().allMatch(Double::isFinite)) {
      throw new LearningException(
          "The fit is not finite: intercept %s, coefficients %s; look for columns whose values are too large to be squared, or set regParam above 0"
              .formatted(model.intercept(), byName),
          null);
    }
    return byName;
  }
}
