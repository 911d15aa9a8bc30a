package winequality.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The evaluation of the rows that trained and of those that did not.
 *
 * @param trainMeans mean of each feature over the train rows, in the features' order and units
 */
public record HoldoutEvaluation(
    RegressionEvaluation train, RegressionEvaluation test, Map<String, Double> trainMeans) {
  public HoldoutEvaluation {
    trainMeans = Collections.unmodifiableMap(new LinkedHashMap<>(trainMeans));
  }
}
