package elasticnet.solver;

import java.util.Locale;

/**
 * Solves the elastic net on the Gram matrix by cyclic coordinate descent with covariance updates
 * (Friedman, Hastie, Tibshirani 2010, section 2.2). Each solution starts from the previous one.
 *
 * <p>The gradient is kept up to date for all coefficients: a coefficient that stays 0 costs one
 * comparison a sweep, one that moves costs a column of the Gram matrix. Columns are subtracted
 * eight at a time; until then, the few pending moves correct a coefficient's entry of the gradient.
 * Sweeps converge slowly if columns are correlated. Therefore, once they have cost half as much as
 * a Cholesky factor of the active columns, an {@link ActiveSetStep} solves for these exactly.
 *
 * <p>Between two penalties at which a coefficient enters or leaves, the lasso's path is a straight
 * line in λ, and that of a mixture nearly one: a solution starts on the line through the last two.
 *
 * <p>The descent ends when the duality gap is small enough, with the scaled residual as the dual
 * point. With {@code g = c − Gγ − l2·γ}, {@code t = min(1, l1/‖g‖∞)} and ρ the residual of the
 * problem with the ridge part as further rows, the gap is {@code ½‖ρ‖²(1−t)² + Σ(l1·|γ| − t·γ·g)}.
 * This is a sum of small terms; primal minus dual objective would cancel.
 *
 * @see <a href="https://doi.org/10.18637/jss.v033.i01">Friedman, Hastie, Tibshirani (2010)</a>
 * @see <a href="https://arxiv.org/abs/1505.03410">Fercoq, Gramfort, Salmon (2015), the gap</a>
 */
final class CoordinateDescent {

  private final ElasticNetProblem problem;
  private final SolverSettings settings;
  private final double[] scaled;
  private final double[] gradient;

  /** The last but one solution and L1 weight; the weight is NaN until there is one. */
  private final double[] before;

  private double lastL1 = Double.NaN;
  private double beforeL1 = Double.NaN;

  private final int[] waiting = new int[ElasticNetProblem.COLUMNS_AT_ONCE];
  private final double[] changes = new double[ElasticNetProblem.COLUMNS_AT_ONCE];

  CoordinateDescent(ElasticNetProblem problem, SolverSettings settings) {
    this.problem = problem;
    this.settings = settings;
    this.scaled = new double[problem.features()];
    this.gradient = new double[problem.features()];
    this.before = new double[problem.features()];
  }

  /**
   * The scaled coefficients for a penalty with an L1 part, on a label that is not constant; a copy.
   *
   * @throws SolverException if the sweeps do not reach the gap
   */
  double[] solve(Penalty penalty) {
    double l1 = penalty.l1();
    double l2 = penalty.l2(problem.labelDeviation());
    double bound = settings.dualityGap() * 0.5 * problem.labelVariance();
    followPath(l1);
    problem.gradient(scaled, l2, gradient);
    ActiveSetStep step = new ActiveSetStep(problem, l1, l2);
    double spent = 0.0;
    for (int sweep = 0; sweep < settings.maxSweeps(); sweep++) {
      spent += (double) sweep(l1, l2) * problem.features();
      if (gap(l1) <= bound) {
        // once more without the rounding errors of the updates
        problem.gradient(scaled, l2, gradient);
        if (gap(l1) <= bound) {
          return scaled.clone();
        }
      }
      if (spent >= step.due(scaled)) {
        step.take(scaled, gradient);
        problem.gradient(scaled, l2, gradient);
        spent = 0.0;
      }
    }
    problem.gradient(scaled, l2, gradient);
    throw new SolverException(
        String.format(
            Locale.ROOT,
            "%s is not solved within %d sweeps: the duality gap is %.3g of the null objective, and %.3g is allowed; allow a larger duality gap or more sweeps",
            penalty,
            settings.maxSweeps(),
            gap(l1) / (0.5 * problem.labelVariance()),
            settings.dualityGap()));
  }

  /** Moves the coefficients along the line through the last two solutions, but keeps signs. */
  private void followPath(double l1) {
    double steps = (l1 - lastL1) / (lastL1 - beforeL1);
    // beyond the distance of the last two a line tells little; written so that NaN fails too
    boolean near = Math.abs(steps) <= 1.0;
    for (int j = 0; j < scaled.length; j++) {
      double last = scaled[j];
      double next = last + steps * (last - before[j]);
      if (near && last * next > 0.0) {
        scaled[j] = next;
      }
      before[j] = last;
    }
    beforeL1 = lastL1;
    lastL1 = l1;
  }

  /** Moves each coefficient to its optimum in turn; returns how many moved. */
  private int sweep(double l1, double l2) {
    int moved = 0;
    int count = 0;
    double[] gram = problem.gram();
    for (int j = 0; j < scaled.length; j++) {
      double curvature = problem.variance(j);
      if (curvature == 0.0) {
        // a constant column has neither variance nor gradient
        continue;
      }
      double old = scaled[j];
      double slope = gradient[j];
      for (int w = 0; w < count; w++) {
        slope -= changes[w] * gram[waiting[w] * scaled.length + j];
      }
      if (old == 0.0 && Math.abs(slope) <= l1) {
        continue;
      }
      double total = curvature + l2;
      double next = softThreshold(slope + total * old, l1) / total;
      double change = next - old;
      if (change != 0.0) {
        scaled[j] = next;
        waiting[count] = j;
        changes[count++] = change;
        moved++;
        if (count == waiting.length) {
          updateGradient(count, l2);
          count = 0;
        }
      }
    }
    updateGradient(count, l2);
    return moved;
  }

  private void updateGradient(int count, double l2) {
    problem.subtractColumns(count, waiting, changes, gradient);
    for (int w = 0; w < count; w++) {
      gradient[waiting[w]] -= l2 * changes[w];
    }
  }

  private static double softThreshold(double value, double threshold) {
    return Math.signum(value) * Math.max(0.0, Math.abs(value) - threshold);
  }

  private double gap(double l1) {
    double steepest = 0.0;
    for (double slope : gradient) {
      steepest = Math.max(steepest, Math.abs(slope));
    }
    double shrink = steepest <= l1 ? 1.0 : l1 / steepest;
    double residual = problem.labelVariance();
    double complementarity = 0.0;
    double[] linear = problem.linear();
    for (int j = 0; j < scaled.length; j++) {
      double value = scaled[j];
      residual -= value * (linear[j] + gradient[j]);
      complementarity += l1 * Math.abs(value) - shrink * value * gradient[j];
    }
    return 0.5 * Math.max(0.0, residual) * (1.0 - shrink) * (1.0 - shrink) + complementarity;
  }
}
