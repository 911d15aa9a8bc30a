package elasticnet;

import elasticnet.split.Folds;
import elasticnet.statistics.SufficientStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A cross-validated path.
 *
 * @param features names of the model's columns, which have the coefficients, in their order
 * @param train statistics of the train rows: the features and, last, the label
 * @param points every penalty, by α in the settings' order and falling λ
 * @param oneStandardError the most regularised point within one standard error of the minimum
 * @param winner the one of the two that the settings' rule chooses
 */
public record CrossValidation(
    List<String> features,
    SufficientStatistics train,
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

  public Map<Double, List<PathPoint>> byAlpha() {
    return points.stream()
        .collect(
            Collectors.groupingBy(
                point -> point.penalty().elasticNetParam(),
                LinkedHashMap::new,
                Collectors.toList()));
  }

  /** Over the train rows, divisor n. */
  public double deviation(int feature) {
    return Math.sqrt(train.variance(feature));
  }
}
