package winequality.metrics;

/**
 * A figure and the bounds that hold its true value with the confidence it was asked for.
 *
 * @param estimate the figure on the rows at hand
 * @param low lower bound; negative infinity if nothing is known
 * @param high upper bound, at least the lower one; positive infinity if nothing is known
 */
public record Interval(double estimate, double low, double high) {
  public Interval {
    // written so that NaN fails too
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "An interval from " + low + " to " + high + " has its bounds the wrong way round");
    }
  }

  /** A figure of which the rows do not say how far it may be off. */
  public static Interval unbounded(double estimate) {
    return new Interval(estimate, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /** Whether the rows were enough for bounds. */
  public boolean isBounded() {
    return Double.isFinite(low) && Double.isFinite(high);
  }
}
