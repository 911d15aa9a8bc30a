package elasticnet.solver;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Solves penalties without an L1 part directly: ridge and least squares.
 *
 * <p>Least squares, and ridge with few columns, take a Cholesky factor for each penalty; columns
 * that depend on others keep the coefficient 0. Ridge with many columns takes {@link RidgePath}.
 * Iterative refinement follows (Higham 2002, chapter 12): each correction solves for the remaining
 * gradient, until the corrections no longer shrink.
 */
final class QuadraticSolver {

  /** Up to this many columns, a path of factors (p³/6 a penalty) takes less than a second. */
  private static final int FEW = 128;

  private static final int MOST_CORRECTIONS = 20;
  private static final double SMALL_CORRECTION = 1e-15;

  private final ElasticNetProblem problem;
  private final SolverSettings settings;
  private Optional<RidgePath> ridge = Optional.empty();

  QuadraticSolver(ElasticNetProblem problem, SolverSettings settings) {
    this.problem = problem;
    this.settings = settings;
  }

  /**
   * The scaled coefficients for a penalty without an L1 part, on a label that is not constant.
   *
   * @throws SolverException if a ridge penalty is so small that rounding prevents the gap
   */
  double[] solve(Penalty penalty) {
    double l2 = penalty.l2(problem.labelDeviation());
    boolean tridiagonal = l2 > 0.0 && problem.features() > FEW;
    if (tridiagonal && ridge.isEmpty()) {
      ridge = Optional.of(new RidgePath(problem));
    }
    int[] all = IntStream.range(0, problem.features()).toArray();
    Optional<CholeskyFactor> factor =
        tridiagonal
            ? Optional.empty()
            : Optional.of(problem.factor(all, j -> problem.variance(j) == 0.0 ? 0.0 : l2));
    double[] scaled = new double[problem.features()];
    double[] gradient = problem.linear().clone();
    double before = Double.POSITIVE_INFINITY;
    for (int round = 0; round < MOST_CORRECTIONS; round++) {
      double[] correction = new double[scaled.length];
      if (factor.isPresent()) {
        System.arraycopy(gradient, 0, correction, 0, correction.length);
        factor.get().solve(correction);
      } else {
        ridge.orElseThrow().addSolution(l2, gradient, correction);
      }
      double size = norm(correction);
      if (size >= before) {
        break;
      }
      for (int j = 0; j < scaled.length; j++) {
        scaled[j] += correction[j];
      }
      if (size <= SMALL_CORRECTION * norm(scaled)) {
        break;
      }
      before = size;
      problem.gradient(scaled, l2, gradient);
    }
    if (l2 > 0.0) {
      requireSolved(penalty, scaled, l2);
    }
    return scaled;
  }

  /** The curvature is at least l2, so the gradient bounds the distance to the minimum. */
  private void requireSolved(Penalty penalty, double[] scaled, double l2) {
    double[] gradient = new double[scaled.length];
    problem.gradient(scaled, l2, gradient);
    double slope = norm(gradient);
    double gap = slope * slope / (2.0 * l2) / (0.5 * problem.labelVariance());
    if (!(gap <= settings.dualityGap())) {
      throw new SolverException(
          String.format(
              Locale.ROOT,
              "%s is not solved: the objective may exceed its minimum by %.3g of the null objective, and %.3g is allowed; allow a larger duality gap, raise the smallest penalty (minimum ratio of lambda), or standardise",
              penalty,
              gap,
              settings.dualityGap()));
    }
  }

  private static double norm(double[] vector) {
    return Math.sqrt(Arrays.stream(vector).map(value -> value * value).sum());
  }
}
