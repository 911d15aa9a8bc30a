package elasticnet;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A mean over the validation folds with its standard error.
 *
 * <p>The standard error is that of one repetition, {@code √(Σw(v−v̄)²/(k−1))} with weights that sum
 * to 1, as cv.glmnet has it. Over several repetitions it is their root mean square: they share
 * their rows, so that repeating does not make it smaller.
 *
 * @param mean over all folds of all repetitions
 * @param standardError of the mean, 0 or more
 */
public record Estimate(double mean, double standardError) {

  /** Each fold counts the same. */
  static Estimate ofFolds(List<FoldScore> folds, ToDoubleFunction<FoldScore> value) {
    return of(folds, value, fold -> 1.0);
  }

  /** Each row counts the same. */
  static Estimate ofRows(List<FoldScore> folds, ToDoubleFunction<FoldScore> value) {
    return of(folds, value, FoldScore::rows);
  }

  private static Estimate of(
      List<FoldScore> folds,
      ToDoubleFunction<FoldScore> value,
      ToDoubleFunction<FoldScore> weight) {
    Collection<List<FoldScore>> repetitions =
        folds.stream().collect(Collectors.groupingBy(FoldScore::repetition)).entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(Map.Entry::getValue)
            .toList();
    double variances = 0.0;
    for (List<FoldScore> repetition : repetitions) {
      double mean = mean(repetition, value, weight);
      double variance = mean(repetition, fold -> square(value.applyAsDouble(fold) - mean), weight);
      variances += variance / (repetition.size() - 1);
    }
    return new Estimate(mean(folds, value, weight), Math.sqrt(variances / repetitions.size()));
  }

  private static double mean(
      List<FoldScore> folds,
      ToDoubleFunction<FoldScore> value,
      ToDoubleFunction<FoldScore> weight) {
    double sum = 0.0;
    double weights = 0.0;
    for (FoldScore fold : folds) {
      sum += weight.applyAsDouble(fold) * value.applyAsDouble(fold);
      weights += weight.applyAsDouble(fold);
    }
    return sum / weights;
  }

  private static double square(double value) {
    return value * value;
  }
}
