package elasticnet.split;

/**
 * How the table is divided.
 *
 * @param trainFraction the share of rows that train, strictly between 0 and 1
 */
public record HoldoutSettings(double trainFraction, long seed) {
  public HoldoutSettings {
    // written so that NaN fails too
    if (!(trainFraction > 0.0 && trainFraction < 1.0)) {
      throw new IllegalArgumentException(
          "trainFraction is " + trainFraction + "; it must lie strictly between 0 and 1");
    }
  }
}
