package elasticnet;

import java.util.Comparator;
import java.util.List;

/** Which point of the path is chosen. */
public enum SelectionRule {
  /** The smallest mean error; of equal ones the largest λ, then the first α. */
  MINIMUM,
  /**
   * The largest λ whose mean error is at most the smallest one plus its standard error, as
   * cv.glmnet's {@code lambda.1se}. Only the α of the smallest error counts: the λ of different α
   * have no common scale, so "more regularised" has no meaning across them.
   */
  ONE_STANDARD_ERROR;

  /** Chooses a point; there must be at least one, in the order of α and falling λ. */
  public PathPoint choose(List<PathPoint> points, SelectionMeasure measure) {
    Comparator<PathPoint> byError = Comparator.comparingDouble(p -> measure.of(p).mean());
    Comparator<PathPoint> byLambda = Comparator.comparingDouble(p -> p.penalty().regParam());
    PathPoint best = points.stream().min(byError.thenComparing(byLambda.reversed())).orElseThrow();
    if (this == MINIMUM) {
      return best;
    }
    double limit = measure.of(best).mean() + measure.of(best).standardError();
    double alpha = best.penalty().elasticNetParam();
    return points.stream()
        .filter(point -> point.penalty().elasticNetParam() == alpha)
        .filter(point -> measure.of(point).mean() <= limit)
        .max(byLambda)
        .orElseThrow();
  }
}
