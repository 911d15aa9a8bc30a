package elasticnet;

import elasticnet.solver.ElasticNetSolution;
import elasticnet.split.Folds;
import elasticnet.statistics.SufficientStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A cross-validated path.
 *
 * @param features columns of the coefficients, in their order
 * @param train statistics of the train rows: the features and, last, the label
 * @param points every penalty, by α in the settings' order and falling λ
 * @param oneStandardError the most regularised point within one standard error of the minimum
 * @param winner the one of the two that the settings' rule chooses
 */
public record CrossValidation(
    List<String> features,
    String label,
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

  /**
   * How close the winner is to another solver's fit with the same penalty.
   *
   * @param other with the same features; a missing one makes the agreement NaN
   */
  public Agreement agreement(FittedElasticNet other) {
    ElasticNetSolution own = winner.solution();
    int p = features.size();
    double[] differences = new double[p + 1];
    double largestDifference = 0.0;
    double largest = 0.0;
    double meanDifference = other.intercept() - own.intercept();
    for (int i = 0; i < p; i++) {
      double coefficient = other.coefficients().getOrDefault(features.get(i), Double.NaN);
      differences[i] = coefficient - own.coefficient(i);
      largestDifference = Math.max(largestDifference, Math.abs(differences[i]) * deviation(i));
      largest = Math.max(largest, Math.abs(own.coefficient(i)) * deviation(i));
      meanDifference += differences[i] * train.mean(i);
    }
    double meanSquare =
        train.variation(differences) / train.rows() + meanDifference * meanDifference;
    return new Agreement(
        share(largestDifference, largest), share(Math.sqrt(meanSquare), deviation(p)));
  }

  /** A part of 0 is a share of 0, even of a whole of 0. */
  private static double share(double part, double whole) {
    return part == 0.0 ? 0.0 : part / whole;
  }
}
