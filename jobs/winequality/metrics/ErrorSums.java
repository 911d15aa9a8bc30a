package winequality.metrics;

import java.util.OptionalDouble;

/**
 * Additive sums over rows, weighted or not, from which every figure follows.
 *
 * <p>The values are rows (or the sum of their weights), sum of deviations, sum of squared
 * deviations, then squared and absolute errors of each prediction column. Deviations are the label
 * less the mean label of all rows, so that nothing cancels if the label is far from 0.
 */
public final class ErrorSums {
  private static final int DEVIATIONS = 1;
  private static final int SQUARES = 2;
  private static final int ERRORS = 3;

  /** The label is constant below this share of the squared deviations. */
  private static final double NO_VARIATION = 1e-12;

  private final double[] values;

  /** Does not copy the array; the caller must not change it. */
  public ErrorSums(double[] values) {
    this.values = values;
  }

  /** Not a copy; callers must not change it. */
  double[] values() {
    return values;
  }

  static int squaredErrors(int prediction) {
    return ERRORS + 2 * prediction;
  }

  double rows() {
    return values[0];
  }

  public double rmse(int prediction) {
    return Math.sqrt(values[squaredErrors(prediction)] / rows());
  }

  public double mae(int prediction) {
    return values[squaredErrors(prediction) + 1] / rows();
  }

  /** Empty if the label is constant. */
  OptionalDouble r2(int prediction) {
    double variation = values[SQUARES] - values[DEVIATIONS] / rows() * values[DEVIATIONS];
    return variation > NO_VARIATION * values[SQUARES]
        ? OptionalDouble.of(1.0 - values[squaredErrors(prediction)] / variation)
        : OptionalDouble.empty();
  }
}
