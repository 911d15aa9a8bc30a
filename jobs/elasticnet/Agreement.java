package elasticnet;

import elasticnet.solver.ElasticNetSolution;
import elasticnet.statistics.SufficientStatistics;

/**
 * How close a fit is to the exact solution with the same penalty.
 *
 * <p>Only the predictions are unique if columns depend on each other and no ridge part selects one
 * solution: two correct solvers may then differ in every coefficient.
 *
 * @param coefficients largest difference of a coefficient as a share of the largest coefficient,
 *     both per standard deviation of their columns, so that units do not matter
 * @param predictions root mean square of the difference of their predictions of the fitted rows, as
 *     a share of the label's standard deviation
 */
record Agreement(double coefficients, double predictions) {

  /**
   * Compares a fit with the exact solution.
   *
   * @param fitted with the solution's features in their order
   * @param rows statistics of the fitted rows: the features and, last, the label
   */
  static Agreement of(
      ElasticNetSolution exact, FittedElasticNet fitted, SufficientStatistics rows) {
    int p = exact.features();
    double[] differences = new double[p + 1];
    double largestDifference = 0.0;
    double largest = 0.0;
    double meanDifference = fitted.intercept() - exact.intercept();
    int i = 0;
    for (double coefficient : fitted.coefficients().values()) {
      double deviation = Math.sqrt(rows.variance(i));
      differences[i] = coefficient - exact.coefficient(i);
      largestDifference = Math.max(largestDifference, Math.abs(differences[i]) * deviation);
      largest = Math.max(largest, Math.abs(exact.coefficient(i)) * deviation);
      meanDifference += differences[i] * rows.mean(i);
      i++;
    }
    double meanSquare =
        rows.variation(differences) / rows.weight() + meanDifference * meanDifference;
    return new Agreement(
        share(largestDifference, largest),
        share(Math.sqrt(meanSquare), Math.sqrt(rows.variance(p))));
  }

  /** A part of 0 is a share of 0, even of a whole of 0. */
  private static double share(double part, double whole) {
    return part == 0.0 ? 0.0 : part / whole;
  }
}
