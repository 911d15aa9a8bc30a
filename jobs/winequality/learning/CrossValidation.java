package winequality.learning;

import java.util.List;
import java.util.Map;
import winequality.holdout.Folds;

/**
 * A cross-validated path.
 *
 * @param features names of the columns that the coefficients belong to, in their order
 * @param featureDeviations standard deviation of each feature over the train rows, divisor n
 * @param label name of the label column
 * @param rows train rows
 * @param repetitions how the rows were divided, once for each repetition
 * @param points every penalty, by α in the order asked for and falling λ
 * @param minimum the point of the smallest error
 * @param oneStandardError the most regularised point within one standard error of it
 * @param winner the one of the two that the rule in the settings chooses
 */
public record CrossValidation(
    List<String> features,
    List<Double> featureDeviations,
    String label,
    long rows,
    List<Folds> repetitions,
    List<PathPoint> points,
    PathPoint minimum,
    PathPoint oneStandardError,
    PathPoint winner) {
  public CrossValidation {
    features = List.copyOf(features);
    featureDeviations = List.copyOf(featureDeviations);
    repetitions = List.copyOf(repetitions);
    points = List.copyOf(points);
  }

  /**
   * How far a fit of the winner's penalty by another solver lies from the path's own: the largest
   * difference of a coefficient as a share of the largest coefficient, both per standard deviation
   * of their columns, so that units do not matter. Where the path has no coefficient left it is the
   * largest one of the fit.
   *
   * @param coefficients of the other fit, by feature
   */
  public double relativeDifference(Map<String, Double> coefficients) {
    double difference = 0.0;
    double largest = 0.0;
    for (int i = 0; i < features.size(); i++) {
      double own = winner.solution().coefficient(i);
      double other = coefficients.getOrDefault(features.get(i), Double.NaN);
      difference = Math.max(difference, Math.abs(other - own) * featureDeviations.get(i));
      largest = Math.max(largest, Math.abs(own) * featureDeviations.get(i));
    }
    return largest == 0.0 ? difference : difference / largest;
  }
}
