package winequality.metrics;

import java.util.List;
import java.util.Optional;

/**
 * The intervals of one set of predictions; RMSE, MAE and difference in the label's unit.
 *
 * @param confidence of every interval, such as 0.95
 * @param groups resampled units: distinct feature rows, or groups of them
 * @param r2 empty if the label is constant
 * @param baselineDifference RMSE less the baseline's on the same rows: below 0 the predictions are
 *     better
 * @param sample at most 2,000 rows, drawn uniformly from the distinct ones, the same at any number
 *     of partitions
 */
public record RegressionIntervals(
    double confidence,
    int groups,
    Interval rmse,
    Interval mae,
    Optional<Interval> r2,
    Interval baselineDifference,
    List<LabelledPrediction> sample) {
  public RegressionIntervals {
    sample = List.copyOf(sample);
  }
}
