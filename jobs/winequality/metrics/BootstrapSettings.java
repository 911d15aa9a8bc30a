package winequality.metrics;

/**
 * How the uncertainty of a figure is measured.
 *
 * @param replicates number of resamples, from 200 to 100,000
 * @param confidence share of intervals that contain the truth, from 0.5 to 0.999
 */
public record BootstrapSettings(int replicates, double confidence, long seed) {
  public BootstrapSettings {
    if (replicates < 200 || replicates > 100_000) {
      throw new IllegalArgumentException(
          "metrics.bootstrap.replicates is %d; it must lie between 200 and 100000"
              .formatted(replicates));
    }
    // written so that NaN fails too
    if (!(confidence >= 0.5 && confidence <= 0.999)) {
      throw new IllegalArgumentException(
          "metrics.bootstrap.confidence is %s; it must lie between 0.5 and 0.999"
              .formatted(confidence));
    }
  }
}
