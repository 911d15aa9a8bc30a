package elasticnet.solver;

import elasticnet.statistics.SufficientStatistics;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Moves an approximate elastic net to the minimum of {@link ElasticNetSolver}'s objective, exact up
 * to rounding.
 *
 * <p>While the signs of the coefficients stay, the objective is quadratic, and one linear system
 * gives its minimum. A step ends where the first coefficient reaches 0, which then leaves the
 * active set. After a whole step, the column that violates its optimality condition most enters. If
 * active columns depend on each other, a step first goes where only the L1 part of the objective
 * changes.
 *
 * <p>All of this happens in columns of unit variance, also if the penalty acts on the columns as
 * they are; it then has a weight for each column. This way each gradient keeps the same number of
 * digits.
 *
 * @see <a href="https://doi.org/10.7551/mitpress/7503.003.0105">Lee, Battle, Raina, Ng (2007),
 *     Efficient sparse coding algorithms: feature-sign search</a>
 */
public final class ExactRefinement {

  /** Share of the gradient's terms; rounding alone stays below it. */
  private static final double ROUNDING = 1e-13;

  /** After a smaller change, as a share of the coefficients, a step counts as whole and exact. */
  private static final double SETTLED = 1e-11;

  private final ElasticNetProblem problem;
  private final Penalty penalty;
  private final double[] l1;
  private final double[] l2;
  private final double[] scaled;
  private final double[] gradient;

  /** −1, 0 or 1 for each column; with an L1 penalty, columns of 0 are not active. */
  private final double[] signs;

  private ExactRefinement(
      ElasticNetProblem problem, Penalty penalty, ColumnScaling scaling, double[] start) {
    int p = start.length;
    this.problem = problem;
    this.penalty = penalty;
    this.l1 = new double[p];
    this.l2 = new double[p];
    this.scaled = new double[p];
    this.gradient = new double[p];
    this.signs = new double[p];
    for (int j = 0; j < p; j++) {
      double weight = scaling == ColumnScaling.STANDARDIZED ? 1.0 : 1.0 / problem.scale(j);
      l1[j] = penalty.l1() * weight;
      l2[j] = penalty.l2(problem.labelDeviation()) * weight * weight;
      scaled[j] = isConstant(j) ? 0.0 : start[j] * problem.scale(j);
      signs[j] = Math.signum(scaled[j]);
    }
  }

  /**
   * The minimum, found from approximate coefficients.
   *
   * @param rows statistics of the features and, last, the label; of at least one row
   * @param start a coefficient for each feature, in the columns' units
   * @return empty if rounding prevents it, as with nearly dependent columns
   */
  public static Optional<ElasticNetSolution> refine(
      SufficientStatistics rows, ColumnScaling scaling, Penalty penalty, double[] start) {
    ElasticNetProblem problem = new ElasticNetProblem(rows, ColumnScaling.STANDARDIZED);
    if (problem.labelVariance() == 0.0) {
      return Optional.of(problem.solution(penalty, new double[start.length]));
    }
    return new ExactRefinement(problem, penalty, scaling, start).refined();
  }

  private Optional<ElasticNetSolution> refined() {
    int rounds = 10 * scaled.length + 20;
    for (int round = 0; round < rounds; round++) {
      updateGradient();
      if (step() && !enter()) {
        solveFromZero();
        return Optional.of(problem.solution(penalty, scaled));
      }
    }
    return Optional.empty();
  }

  private void updateGradient() {
    problem.gradient(scaled, 0.0, gradient);
    for (int j = 0; j < scaled.length; j++) {
      gradient[j] -= l2[j] * scaled[j];
    }
  }

  private boolean isConstant(int column) {
    return problem.variance(column) == 0.0;
  }

  private boolean isActive(int column) {
    return !isConstant(column) && (penalty.l1() == 0.0 || signs[column] != 0.0);
  }

  /** Moves to the minimum for these signs; returns whether the coefficients were there already. */
  private boolean step() {
    int[] active = active();
    CholeskyFactor factor = problem.factor(active, j -> l2[j]);
    double[] change = flat(active, factor).orElseGet(() -> change(active, factor));
    double length = 1.0;
    int leaving = -1;
    for (int a = 0; a < active.length; a++) {
      int j = active[a];
      if (l1[j] > 0.0 && signs[j] * (scaled[j] + change[a]) < 0.0) {
        double untilZero = -scaled[j] / change[a];
        if (untilZero < length) {
          length = untilZero;
          leaving = j;
        }
      }
    }
    double moved = 0.0;
    double size = 0.0;
    for (int a = 0; a < active.length; a++) {
      scaled[active[a]] += length * change[a];
      moved = Math.max(moved, Math.abs(change[a]));
      size = Math.max(size, Math.abs(scaled[active[a]]));
    }
    if (leaving >= 0) {
      scaled[leaving] = 0.0;
      signs[leaving] = 0.0;
      return false;
    }
    return moved <= SETTLED * size;
  }

  /**
   * Solves from 0 for the signs that were found, and corrects the rounding once: the last digits
   * then do not depend on the start. If columns depend on each other, this may change a sign; the
   * coefficients then stay as found.
   */
  private void solveFromZero() {
    double[] found = scaled.clone();
    int[] active = active();
    CholeskyFactor factor = problem.factor(active, j -> l2[j]);
    Arrays.fill(scaled, 0.0);
    for (int round = 0; round < 2; round++) {
      updateGradient();
      double[] change = change(active, factor);
      for (int a = 0; a < active.length; a++) {
        scaled[active[a]] += change[a];
      }
    }
    for (int j : active) {
      if (penalty.l1() > 0.0 && Math.signum(scaled[j]) != signs[j]) {
        System.arraycopy(found, 0, scaled, 0, found.length);
        return;
      }
    }
  }

  private int[] active() {
    return IntStream.range(0, scaled.length).filter(this::isActive).toArray();
  }

  /** The active columns' way to the minimum for these signs; those left out do not move. */
  private double[] change(int[] active, CholeskyFactor factor) {
    double[] change = slopes(active);
    factor.solve(change);
    return change;
  }

  /** How fast the objective falls along each active coefficient. */
  private double[] slopes(int[] active) {
    return Arrays.stream(active).mapToDouble(j -> gradient[j] - l1[j] * signs[j]).toArray();
  }

  /**
   * A way along which dependent columns cancel each other and the L1 part falls, far enough for a
   * coefficient to reach 0; empty if there is none.
   */
  private Optional<double[]> flat(int[] active, CholeskyFactor factor) {
    if (penalty.l1() == 0.0 || factor.rank() == active.length) {
      return Optional.empty();
    }
    double[] slopes = slopes(active);
    for (int leftOut = 0; leftOut < active.length; leftOut++) {
      if (!factor.isLeftOut(leftOut)) {
        continue;
      }
      int row = active[leftOut] * scaled.length;
      double[] way = Arrays.stream(active).mapToDouble(j -> -problem.gram()[row + j]).toArray();
      factor.solve(way);
      way[leftOut] = 1.0;
      double fall = 0.0;
      double most = 0.0;
      for (int a = 0; a < active.length; a++) {
        fall += way[a] * slopes[a];
        if (way[a] != 0.0) {
          most = Math.max(most, Math.abs(scaled[active[a]] / way[a]));
        }
      }
      if (Math.abs(fall) > ROUNDING * terms() && most > 0.0) {
        double length = 2.0 * Math.signum(fall) * most;
        return Optional.of(Arrays.stream(way).map(part -> length * part).toArray());
      }
    }
    return Optional.empty();
  }

  /** The size of a gradient's terms. */
  private double terms() {
    return problem.labelDeviation() + Arrays.stream(scaled).map(Math::abs).sum();
  }

  /** Activates the column that gains most; returns whether there is one. */
  private boolean enter() {
    updateGradient();
    double most = ROUNDING * terms();
    int entering = -1;
    for (int j = 0; j < scaled.length; j++) {
      double excess = Math.abs(gradient[j]) - l1[j];
      if (!isConstant(j) && !isActive(j) && excess > most) {
        most = excess;
        entering = j;
      }
    }
    if (entering >= 0) {
      signs[entering] = Math.signum(gradient[entering]);
    }
    return entering >= 0;
  }
}
