package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static winequality.metrics.EvaluationPass.LABEL;
import static winequality.metrics.EvaluationPass.WEIGHT;
import static winequality.metrics.EvaluationPass.variance;

import elasticnet.split.Columns;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.DataRefusedException;
import winequality.data.profile.ColumnProfile;

/** Evaluates both sides of a split in one pass over the predictions. */
public final class HoldoutEvaluator {

  /** Above this many train RMSEs, the test residuals do not fit into their bins. */
  private static final double MOST_RMSES = 3.0;

  /** Both sides, with the intervals of the test side and the profile of its errors. */
  public record WithIntervals(
      HoldoutEvaluation evaluation, RegressionIntervals intervals, ErrorProfile errors) {}

  /**
   * Evaluates predictions.
   *
   * @param predictions rows with label and prediction: doubles, neither null nor NaN
   * @param modelColumns what the coefficients multiply, by name; never null
   * @param isTrain true for train rows, false for test rows, never null
   * @throws DataRefusedException if a side is empty
   */
  public HoldoutEvaluation evaluate(
      Dataset<Row> predictions,
      EvaluationColumns columns,
      Map<String, Column> modelColumns,
      String prediction,
      Column isTrain) {
    Column predicted = col(Columns.quoted(prediction));
    Dataset<double[]> rows =
        columns.arrays(predictions, isTrain, predicted, predicted, modelColumns.values(), 0L);
    return evaluation(EvaluationPass.over(rows, ErrorProfiler.undivided()), modelColumns);
  }

  /**
   * As {@link #evaluate}, with intervals and a profile of the test side's errors.
   *
   * @param label its bins divide the errors
   * @param rmse of the train rows; a fifth of it is the width of the residuals' bins. If that of
   *     the test rows is much larger, they are read a second time, with wider bins
   */
  public WithIntervals evaluateWithIntervals(
      Dataset<Row> predictions,
      EvaluationColumns columns,
      Map<String, Column> modelColumns,
      String prediction,
      Column isTrain,
      BootstrapSettings bootstrap,
      ColumnProfile label,
      double rmse) {
    // near the train rows' mean, which is known only after the pass
    double other = label.mean();
    Dataset<double[]> rows =
        columns.arrays(
            predictions,
            isTrain,
            col(Columns.quoted(prediction)),
            lit(other),
            modelColumns.values(),
            bootstrap.seed());
    ErrorProfiler profiler = ErrorProfiler.of(label.histogram(), rmse);
    EvaluationPass pass = EvaluationPass.over(rows, profiler);
    HoldoutEvaluation evaluation = evaluation(pass, modelColumns);
    double found = evaluation.test().rmse();
    if (found > MOST_RMSES * rmse) {
      // as of a model with as many columns as rows; nearly all residuals are in the outermost bins
      return evaluateWithIntervals(
          predictions, columns, modelColumns, prediction, isTrain, bootstrap, label, found);
    }
    return new WithIntervals(
        evaluation,
        new IntervalEvaluator(bootstrap).evaluate(pass, other, evaluation.trainLabelMean()),
        profiler.profile(pass));
  }

  private static HoldoutEvaluation evaluation(
      EvaluationPass pass, Map<String, Column> modelColumns) {
    double[] train = pass.train().orElseThrow(() -> empty("train"));
    double[] test = pass.test().orElseThrow(() -> empty("test"));
    Map<String, Double> means = new LinkedHashMap<>();
    Map<String, Double> deviations = new LinkedHashMap<>();
    for (String name : modelColumns.keySet()) {
      int column = EvaluationPass.MODEL + means.size();
      means.put(name, train[column]);
      deviations.put(name, Math.sqrt(variance(train, column)));
    }
    double mean = train[LABEL];
    return new HoldoutEvaluation(
        evaluation(train, mean), evaluation(test, mean), mean, means, deviations);
  }

  private static DataRefusedException empty(String side) {
    return new DataRefusedException(
        "No row is on the %s side of the split, so nothing can be evaluated there; take in more rows or set another holdout.train-fraction"
            .formatted(side));
  }

  private static RegressionEvaluation evaluation(double[] side, double trainMean) {
    double mse = side[EvaluationPass.SQUARED_ERRORS] / side[WEIGHT];
    double variance = variance(side, LABEL);
    double predictedVariance = variance(side, EvaluationPass.PREDICTION);
    double covariance = side[EvaluationPass.PRODUCTS] / side[WEIGHT];
    double shift = side[LABEL] - trainMean;
    return new RegressionEvaluation(
        (long) side[EvaluationPass.ROWS],
        Math.sqrt(mse),
        side[EvaluationPass.ABSOLUTE_ERRORS] / side[WEIGHT],
        variance > 0.0 ? OptionalDouble.of(1.0 - mse / variance) : OptionalDouble.empty(),
        // at most 1 by Cauchy-Schwarz, but not after rounding
        variance > 0.0 && predictedVariance > 0.0
            ? OptionalDouble.of(
                Math.min(1.0, covariance / variance * (covariance / predictedVariance)))
            : OptionalDouble.empty(),
        // Σ(y−m)²/n = variance + (mean−m)²: the baseline needs no second pass
        Math.sqrt(variance + shift * shift));
  }
}
