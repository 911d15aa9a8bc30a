package winequality.metrics;

import java.util.OptionalDouble;

/**
 * The metrics on one side of the split; all but rows and R² in the label's unit.
 *
 * @param rows at least 1
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
