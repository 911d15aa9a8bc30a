package elasticnet;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A mean over the validation folds with its standard error.
 *
 * <p>The standard error is that of one repetition, {@code √(Σw(v−v̄)²/(k−1))} with weights that sum
 * to 1, as in cv.glmnet: the total weights of the folds' rows, or 1/k each. For several repetitions
 * it is their root mean square: they share their rows, so repeating does not make it smaller.
 *
 * @param mean over all folds of all repetitions
 * @param standardError of the mean, 0 or more
 */
public record Estimate(double mean, double standardError) {

  static Estimate of(
      List<FoldScore> folds,
      ToDoubleFunction<FoldScore> value,
      ToDoubleFunction<FoldScore> weight) {
    Map<Integer, List<FoldScore>> repetitions =
        folds.stream()
            .collect(
                Collectors.groupingBy(FoldScore::repetition, TreeMap::new, Collectors.toList()));
    double variances = 0.0;
    for (List<FoldScore> repetition : repetitions.values()) {
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
