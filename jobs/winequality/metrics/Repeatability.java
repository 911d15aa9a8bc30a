package winequality.metrics;

/**
 * How closely the same rows, settings and seed reproduce coefficients and metrics.
 *
 * <p>They do not reproduce the last digits, because the processor's vector unit and the partitions
 * determine the order of a sum. A fit that is MLlib's own may differ by more on another vector
 * unit.
 */
public final class Repeatability {

  /** The largest relative difference of two values of the same model. */
  public static final double TOLERANCE = 1e-9;

  private Repeatability() {}

  public static boolean isSame(double one, double other) {
    return difference(one, other) <= TOLERANCE;
  }

  /** Relative to the larger one, 0 to 2; infinite if one of two different values is not finite. */
  public static double difference(double one, double other) {
    if (one == other) {
      return 0.0;
    }
    double relative = Math.abs(one - other) / Math.max(Math.abs(one), Math.abs(other));
    return Double.isNaN(relative) ? Double.POSITIVE_INFINITY : relative;
  }
}
