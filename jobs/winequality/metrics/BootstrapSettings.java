package winequality.metrics;

/**
 * How the uncertainty of a figure is measured.
 *
 * @param replicates how often the rows are weighted anew, from 200 to 100,000
 * @param confidence share of intervals that hold the truth, from 0.5 to 0.999
 * @param seed of the weights
 */
public record BootstrapSettings(int replicates, double confidence, long seed) {
  private static final int FEWEST = 200;
  private static final int MOST = 100_000;
  private static final double LEAST_CONFIDENCE = 0.5;
  private static final double MOST_CONFIDENCE = 0.999;

  public BootstrapSettings {
    if (replicates < FEWEST || replicates > MOST) {
      throw new IllegalArgumentException(
          "metrics.bootstrap.replicates is %d; it must lie between %d and %d"
              .formatted(replicates, FEWEST, MOST));
    }
    // written so that NaN fails too
    if (!(confidence >= LEAST_CONFIDENCE && confidence <= MOST_CONFIDENCE)) {
      throw new IllegalArgumentException(
          "metrics.bootstrap.confidence is %s; it must lie between %s and %s"
              .formatted(confidence, LEAST_CONFIDENCE, MOST_CONFIDENCE));
    }
  }
}
