package winequality.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The evaluation of the train rows and of the test rows.
 *
 * @param trainLabelMean mean label of the train rows, which the baseline predicts
 * @param trainMeans mean of each feature over the train rows, in the features' order and units
 * @param trainDeviations standard deviation of each feature over the train rows, divisor n
 */
public record HoldoutEvaluation(
    RegressionEvaluation train,
    RegressionEvaluation test,
    double trainLabelMean,
    Map<String, Double> trainMeans,
    Map<String, Double> trainDeviations) {
  public HoldoutEvaluation {
    trainMeans = Collections.unmodifiableMap(new LinkedHashMap<>(trainMeans));
    trainDeviations = Collections.unmodifiableMap(new LinkedHashMap<>(trainDeviations));
  }

  /** Standard deviation of the label over the train rows, divisor n. */
  public double trainLabelDeviation() {
    // the baseline predicts the train rows' mean
    return train.baselineRmse();
  }
}
