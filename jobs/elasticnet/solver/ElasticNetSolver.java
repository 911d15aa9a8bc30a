package elasticnet.solver;

import elasticnet.statistics.SufficientStatistics;
import java.util.ArrayList;
import java.util.List;

/**
 * Fits elastic nets to statistics instead of rows.
 *
 * <p>Minimises {@code 1/(2n)·Σ(y−b0−xβ)² + λα‖β‖₁ + λ(1−α)/(2·s)·‖β‖²}, s the label's standard
 * deviation (divisor n): Spark's and glmnet's form, with {@code regParam} λ and {@code
 * elasticNetParam} α. Standardised, β in the penalties is the coefficient of the column scaled to
 * unit variance. The intercept is always fitted and never penalised: without one, moments about 0
 * would be needed, and Spark and glmnet differ in what s then is.
 *
 * <p>Constant columns get a coefficient of exactly 0; a constant label makes all of them 0. Where
 * columns are collinear and the penalty does not single out one solution, the objective and the
 * predictions on these rows are still determined.
 */
public final class ElasticNetSolver {

  private final SolverSettings settings;

  public ElasticNetSolver(SolverSettings settings) {
    this.settings = settings;
  }

  /**
   * Solves for each penalty.
   *
   * @param rows statistics of the p features and, last, the label; at least one row
   * @param scaling what the penalty acts on
   * @param elasticNetParam α
   * @param regParams λ; each solution starts from the one before, so that falling values are
   *     quickest
   * @return one solution for each λ, in their order
   * @throws SolverException if a penalty is not solved within the settings' limits
   */
  public List<ElasticNetSolution> path(
      SufficientStatistics rows,
      ColumnScaling scaling,
      double elasticNetParam,
      List<Double> regParams) {
    return path(new ElasticNetProblem(rows, scaling), elasticNetParam, regParams);
  }

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
