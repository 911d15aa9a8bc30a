package winequality.metrics;

/**
 * A figure with the bounds of its confidence interval.
 *
 * @param low lower bound; negative infinity if unknown
 * @param high upper bound, at least the lower one; positive infinity if unknown
 */
public record Interval(double estimate, double low, double high) {
  public Interval {
    // written so that NaN fails too
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "An interval from " + low + " to " + high + " has its bounds the wrong way round");
    }
  }

  /** A figure without known bounds, because there are too few rows. */
  public static Interval unbounded(double estimate) {
    return new Interval(estimate, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  public boolean isBounded() {
    return Double.isFinite(low) && Double.isFinite(high);
  }

  public boolean isNegative() {
    return isBounded() && high < 0.0;
  }
}
