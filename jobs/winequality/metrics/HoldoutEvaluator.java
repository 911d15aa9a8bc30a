package winequality.metrics;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.DataRefusedException;

/** Evaluates both sides of a split in one pass over the predictions. */
public final class HoldoutEvaluator {

  private static final String SIDE = "is_train";

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
    Column y = columns.y();
    Column predicted = col(Columns.quoted(prediction));
    Column error = y.minus(predicted);
    List<Column> aggregates =
        new ArrayList<>(
            List.of(
                columns.mean(error.multiply(error)).as("mse"),
                columns.mean(abs(error)).as("mae"),
                columns.mean(y).as("mean"),
                columns.variance(y).as("variance"),
                columns.variance(predicted).as("predicted_variance"),
                // corr fails under ANSI SQL if one of the two is constant
                columns.covariance(y, predicted).as("covariance")));
    for (Column feature : modelColumns.values()) {
      aggregates.add(columns.mean(feature));
      aggregates.add(columns.variance(feature));
    }
    List<Row> sides =
        columns
            .counting(predictions)
            .groupBy(isTrain.as(SIDE))
            .agg(count(lit(1)).as("rows"), aggregates.toArray(Column[]::new))
            .collectAsList();
    Row train = side(sides, true);
    double trainMean = train.getAs("mean");
    Map<String, Double> trainMeans = new LinkedHashMap<>();
    Map<String, Double> trainDeviations = new LinkedHashMap<>();
    int at = train.length() - 2 * modelColumns.size();
    for (String name : modelColumns.keySet()) {
      trainMeans.put(name, train.getDouble(at++));
      trainDeviations.put(name, Math.sqrt(train.getDouble(at++)));
    }
    return new HoldoutEvaluation(
        evaluation(train, trainMean),
        evaluation(side(sides, false), trainMean),
        trainMean,
        trainMeans,
        trainDeviations);
  }

  private static Row side(List<Row> sides, boolean isTrain) {
    for (Row row : sides) {
      if (row.<Boolean>getAs(SIDE) == isTrain) {
        return row;
      }
    }
    throw new DataRefusedException(
        "No row is on the %s side of the split, so nothing can be evaluated there; take in more rows or set another holdout.train-fraction"
            .formatted(isTrain ? "train" : "test"));
  }

  private static RegressionEvaluation evaluation(Row side, double trainMean) {
    double mse = side.getAs("mse");
    double variance = side.getAs("variance");
    double shift = side.<Double>getAs("mean") - trainMean;
    double predictedVariance = side.getAs("predicted_variance");
    double covariance = side.getAs("covariance");
    return new RegressionEvaluation(
        side.<Long>getAs("rows"),
        Math.sqrt(mse),
        side.<Double>getAs("mae"),
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
