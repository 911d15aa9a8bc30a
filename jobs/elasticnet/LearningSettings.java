package elasticnet;

import elasticnet.solver.Penalty;
import java.util.List;

/**
 * The parameters of MLlib's {@code LinearRegression}.
 *
 * @param regParam λ, the size of the penalty, at least 0
 * @param elasticNetParam α, the share of the L1 penalty, from 0 (ridge) to 1 (lasso)
 * @param standardization whether the penalty acts on columns scaled to unit variance
 * @param fitIntercept whether an intercept is fitted; it is never penalised
 * @param maxIterations upper bound of the solver's iterations, at least 1
 * @param tolerance relative convergence tolerance of the iterative solver, above 0
 * @param solver {@code normal} (one pass, normal equations), {@code l-bfgs} or {@code auto}
 * @param loss {@code squaredError} or {@code huber}
 * @param huberEpsilon where the Huber loss turns from squared to absolute, above 1
 * @param aggregationDepth depth of the tree that adds up the partitions' sums, at least 2
 */
public record LearningSettings(
    double regParam,
    double elasticNetParam,
    boolean standardization,
    boolean fitIntercept,
    int maxIterations,
    double tolerance,
    String solver,
    String loss,
    double huberEpsilon,
    int aggregationDepth) {

  private static final List<String> SOLVERS = List.of("normal", "l-bfgs", "auto");
  private static final List<String> LOSSES = List.of("squaredError", "huber");

  public LearningSettings {
    new Penalty(elasticNetParam, regParam); // checks both
    require(maxIterations >= 1, "maxIterations", maxIterations, "be at least 1");
    require(
        tolerance > 0.0 && tolerance < 1.0, "tolerance", tolerance, "lie strictly between 0 and 1");
    require(SOLVERS.contains(solver), "solver", solver, "be one of " + SOLVERS);
    require(LOSSES.contains(loss), "loss", loss, "be one of " + LOSSES);
    require(
        huberEpsilon > 1.0 && huberEpsilon < Double.POSITIVE_INFINITY,
        "huberEpsilon",
        huberEpsilon,
        "be a finite number above 1");
    require(aggregationDepth >= 2, "aggregationDepth", aggregationDepth, "be at least 2");
    if (loss.equals("huber")) {
      require(
          !solver.equals("normal"),
          "solver",
          solver,
          "be l-bfgs or auto for the huber loss, which has no normal equations");
      require(
          elasticNetParam == 0.0,
          "elasticNetParam",
          elasticNetParam,
          "be 0 for the huber loss, for which MLlib has the L2 penalty only");
    }
  }

  public LearningSettings withPenalty(double otherRegParam, double otherElasticNetParam) {
    return new LearningSettings(
        otherRegParam,
        otherElasticNetParam,
        standardization,
        fitIntercept,
        maxIterations,
        tolerance,
        solver,
        loss,
        huberEpsilon,
        aggregationDepth);
  }

  private static void require(boolean holds, String name, Object value, String must) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + "; it must " + must);
    }
  }
}
