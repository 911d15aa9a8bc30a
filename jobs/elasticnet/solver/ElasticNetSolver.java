package elasticnet.solver;

import java.util.ArrayList;
import java.util.List;

/**
 * Fits elastic nets to statistics instead of rows.
 *
 * <p>Minimises {@code 1/(2n)·Σ(y−b0−xβ)² + λα‖β‖₁ + λ(1−α)/(2·s)·‖β‖²}, s the label's standard
 * deviation (divisor n): Spark's and glmnet's form. With {@link ColumnScaling#STANDARDIZED}, β in
 * the penalties is the coefficient of the column scaled to unit variance. The intercept is always
 * fitted and never penalised: without one, Spark and glmnet define s differently.
 *
 * <p>Constant columns get a coefficient of exactly 0; a constant label makes all of them 0. If
 * columns are collinear and the penalty does not select one solution, the objective and the
 * predictions on these rows are still unique.
 */
public final class ElasticNetSolver {

  private final SolverSettings settings;

  public ElasticNetSolver(SolverSettings settings) {
    this.settings = settings;
  }

  /**
   * One solution for each λ, in the same order. Falling values are fastest, because each solution
   * starts from the previous one.
   *
   * @throws SolverException if a penalty is not solved within the settings' limits
   */
  public List<ElasticNetSolution> path(
      ElasticNetProblem problem, double elasticNetParam, List<Double> regParams) {
    CoordinateDescent descent = new CoordinateDescent(problem, settings);
    QuadraticSolver quadratic = new QuadraticSolver(problem, settings);
    List<ElasticNetSolution> solutions = new ArrayList<>(regParams.size());
    for (double regParam : regParams) {
      Penalty penalty = new Penalty(elasticNetParam, regParam);
      double[] scaled;
      if (problem.labelVariance() == 0.0) {
        scaled = new double[problem.features()];
      } else if (penalty.l1() > 0.0) {
        scaled = descent.solve(penalty);
      } else {
        scaled = quadratic.solve(penalty);
      }
      solutions.add(problem.solution(penalty, scaled));
    }
    return solutions;
  }
}
