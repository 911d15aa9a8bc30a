package winequality.metrics;

import java.util.List;
import java.util.Optional;

/**
 * How sure the figures of one set of predictions are.
 *
 * @param confidence of every interval, such as 0.95
 * @param groups distinct feature rows, or the groups of them, that were weighted
 * @param rmse root of the mean squared error, in the label's unit
 * @param mae mean absolute error, in the label's unit
 * @param r2 coefficient of determination; empty if the label is constant
 * @param baselineDifference RMSE less that of the baseline on the same rows, in the label's unit:
 *     below 0 the predictions are better
 * @param sample rows that stand for all, at most 2,000: a fair draw of the distinct ones, the same
 *     at any number of partitions
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
