package elasticnet;

import elasticnet.solver.SolverException;

/**
 * How near two fits of the same penalty are.
 *
 * @param coefficients largest difference of a coefficient as a share of the largest coefficient,
 *     both per standard deviation of their columns, so that units do not matter
 * @param predictions root mean square of the difference of their predictions of the fitted rows, as
 *     a share of the label's standard deviation
 */
public record Agreement(double coefficients, double predictions) {

  /** So near that nobody can tell the fits apart. */
  private static final double BOUND = 1e-6;

  /**
   * Whether both are the same fit.
   *
   * <p>That the predictions are enough is what the mathematics says: the objective is strictly
   * convex in them, but not in the coefficients where columns depend on each other and no ridge
   * part singles one solution out. Two right solvers may then differ in every coefficient. It also
   * lets a coefficient pass that the largest penalty of a path leaves at 10⁻¹⁷ in one fit and at 0
   * in the other.
   */
  public boolean holds() {
    // written so that NaN fails
    return coefficients <= BOUND || predictions <= BOUND;
  }

  /**
   * Passes if both are the same fit.
   *
   * @throws SolverException if not, or if one of them is not finite
   */
  public void require() {
    if (!holds()) {
      throw new SolverException(
          "MLlib's coefficients differ from those of the cross-validated path by %s of the largest one and its predictions by %s of the label's standard deviation; at most %s is believed. Lower the tolerance and raise the number of iterations, or use the solver \"normal\"."
              .formatted(coefficients, predictions, BOUND));
    }
  }
}
