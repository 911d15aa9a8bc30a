package winequality.learning;

import java.util.List;
import winequality.holdout.Folds;

/**
 * A cross-validated path.
 *
 * @param features names of the columns that the coefficients belong to, in their order
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
    String label,
    long rows,
    List<Folds> repetitions,
    List<PathPoint> points,
    PathPoint minimum,
    PathPoint oneStandardError,
    PathPoint winner) {
  public CrossValidation {
    features = List.copyOf(features);
    repetitions = List.copyOf(repetitions);
    points = List.copyOf(points);
  }
}
