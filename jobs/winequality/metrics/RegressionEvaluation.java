package winequality.metrics;

import java.util.OptionalDouble;

/**
 * How good predictions are on one side of the split; all but the rows and R² in the label's unit.
 *
 * @param rows how many rows were predicted, at least 1
 * @param rmse root of the mean squared error
 * @param mae mean absolute error
 * @param r2 coefficient of determination {@code 1 − Σ(y−ŷ)²/Σ(y−ȳ)²}, below 0 for predictions worse
 *     than the mean; empty if the label is constant
 * @param r2Correlation squared correlation of label and prediction; empty if either is constant
 * @param baselineRmse RMSE of predicting the train rows' mean label for every row
 */
public record RegressionEvaluation(
    long rows,
    double rmse,
    double mae,
    OptionalDouble r2,
    OptionalDouble r2Correlation,
    double baselineRmse) {
  public RegressionEvaluation {
    if (rows < 1) {
      throw new IllegalArgumentException("An evaluation needs at least one row, not " + rows);
    }
  }
}
