package elasticnet;

import elasticnet.solver.ElasticNetSolution;
import elasticnet.solver.Penalty;
import java.util.List;
import java.util.Optional;

/**
 * One penalty, the fit to all train rows, and how well such fits predict unseen rows.
 *
 * @param folds the scores of the validation folds, by repetition and fold
 * @param mse mean squared error over the validation rows, as cv.glmnet's {@code cvm} and {@code
 *     cvsd}
 * @param rmse mean of the folds' RMSE, as CrossValidator's {@code avgMetrics}
 * @param r2 mean of the folds' R²; empty if a fold has none
 * @param mae mean absolute error over the validation rows; empty if it was not measured
 */
public record PathPoint(
    ElasticNetSolution solution,
    List<FoldScore> folds,
    Estimate mse,
    Estimate rmse,
    Optional<Estimate> r2,
    Optional<Estimate> mae) {

  public PathPoint {
    folds = List.copyOf(folds);
  }

  static PathPoint of(ElasticNetSolution solution, List<FoldScore> folds) {
    return new PathPoint(
        solution,
        folds,
        Estimate.of(folds, FoldScore::mse, FoldScore::weight),
        Estimate.of(folds, FoldScore::rmse, fold -> 1.0),
        folds.stream().allMatch(fold -> fold.r2().isPresent())
            ? Optional.of(Estimate.of(folds, fold -> fold.r2().orElseThrow(), fold -> 1.0))
            : Optional.empty(),
        folds.stream().allMatch(fold -> fold.mae().isPresent())
            ? Optional.of(Estimate.of(folds, fold -> fold.mae().orElseThrow(), FoldScore::weight))
            : Optional.empty());
  }

  public Penalty penalty() {
    return solution.penalty();
  }
}
