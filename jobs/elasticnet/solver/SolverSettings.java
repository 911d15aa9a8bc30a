package elasticnet.solver;

/**
 * When the elastic net counts as solved.
 *
 * @param dualityGap bound of the duality gap as a share of the null model's objective {@code ½s²},
 *     strictly between 0 and 1; the gap bounds how far the objective lies above its minimum
 * @param maxSweeps most sweeps over all coefficients for one penalty, at least 1
 */
public record SolverSettings(double dualityGap, int maxSweeps) {
  public SolverSettings {
    // written so that NaN fails too
    if (!(dualityGap > 0.0 && dualityGap < 1.0)) {
      throw new IllegalArgumentException(
          "dualityGap is " + dualityGap + "; it must lie strictly between 0 and 1");
    }
    if (maxSweeps < 1) {
      throw new IllegalArgumentException("maxSweeps is " + maxSweeps + "; it must be at least 1");
    }
  }
}
