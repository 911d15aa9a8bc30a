package winequality.metrics;

import java.util.OptionalDouble;

/**
 * Sums over rows, weighted or not, from which every figure follows; they add up over groups.
 *
 * <p>Labels are taken as deviations from the mean of all rows, so that nothing cancels where the
 * label is far from 0.
 *
 * <p>The values are rows, sum of deviations, sum of their squares, then squared and absolute errors
 * of each prediction column.
 */
public final class ErrorSums {
  private static final int ROWS = 0;
  private static final int DEVIATIONS = 1;
  private static final int SQUARES = 2;
  private static final int ERRORS = 3;

  /** Below this share of the squares about the mean of all rows, the label does not vary. */
  private static final double NO_VARIATION = 1e-12;

  private final double[] values;

  /** Takes the array over. */
  public ErrorSums(double[] values) {
    this.values = values;
  }

  /** The array itself, which nobody changes. */
  double[] values() {
    return values;
  }

  static int width(int predictions) {
    return ERRORS + 2 * predictions;
  }

  static int squaredErrors(int prediction) {
    return ERRORS + 2 * prediction;
  }

  static int absoluteErrors(int prediction) {
    return ERRORS + 2 * prediction + 1;
  }

  double rows() {
    return values[ROWS];
  }

  public double rmse(int prediction) {
    return Math.sqrt(values[squaredErrors(prediction)] / rows());
  }

  public double mae(int prediction) {
    return values[absoluteErrors(prediction)] / rows();
  }

  /** Empty if the label is constant. */
  OptionalDouble r2(int prediction) {
    double variation = values[SQUARES] - values[DEVIATIONS] / rows() * values[DEVIATIONS];
    return variation > NO_VARIATION * values[SQUARES]
        ? OptionalDouble.of(1.0 - values[squaredErrors(prediction)] / variation)
        : OptionalDouble.empty();
  }
}
