package elasticnet;

import elasticnet.solver.SolverException;

/**
 * How close two fits with the same penalty are.
 *
 * @param coefficients largest difference of a coefficient as a share of the largest coefficient,
 *     both per standard deviation of their columns, so that units do not matter
 * @param predictions root mean square of the difference of their predictions of the fitted rows, as
 *     a share of the label's standard deviation
 */
public record Agreement(double coefficients, double predictions) {

  /** Below it, nobody can tell the fits apart. */
  private static final double BOUND = 1e-6;

  /**
   * Passes if coefficients or predictions agree. Equal predictions suffice. The objective is
   * strictly convex in them, but not in the coefficients if columns depend on each other and no
   * ridge part selects one solution: two correct solvers may then differ in every coefficient. They
   * may also leave a coefficient at 10⁻¹⁷ and at 0 for the largest penalty of a path.
   *
   * @throws SolverException if neither agree, or if one of the fits is not finite
   */
  public void require() {
    // written so that NaN fails
    if (!(coefficients <= BOUND || predictions <= BOUND)) {
      throw new SolverException(
          "MLlib and the cross-validated path disagree: their coefficients differ by %s of the largest one and their predictions by %s of the label's standard deviation; at most %s is allowed. Lower the tolerance and raise the number of iterations, or use the solver \"normal\"."
              .formatted(coefficients, predictions, BOUND));
    }
  }
}
