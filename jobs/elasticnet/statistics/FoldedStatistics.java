package elasticnet.statistics;

import java.util.ArrayList;
import java.util.List;

/**
 * The statistics of each fold of one or more cross-validations over the same rows.
 *
 * @param repetitions for each repetition its folds, at least two; every repetition has all rows
 */
public record FoldedStatistics(List<List<SufficientStatistics>> repetitions) {
  public FoldedStatistics {
    repetitions = repetitions.stream().map(List::copyOf).toList();
    if (repetitions.isEmpty() || repetitions.stream().anyMatch(folds -> folds.size() < 2)) {
      throw new IllegalArgumentException("A cross-validation needs at least two folds");
    }
  }

  public SufficientStatistics total() {
    return repetitions.get(0).stream().reduce(SufficientStatistics::merge).orElseThrow();
  }

  /**
   * For each fold of a repetition, the statistics of the rows outside it.
   *
   * <p>They are merged from the other folds. If a column varies in one fold only, such as a rare
   * indicator, subtracting this fold from the total would leave noise, which standardising would
   * scale up to a column; merged, its variance is exactly 0.
   */
  public List<SufficientStatistics> training(int repetition) {
    List<SufficientStatistics> folds = repetitions.get(repetition);
    int k = folds.size();
    List<SufficientStatistics> training = new ArrayList<>(k);
    SufficientStatistics before = SufficientStatistics.empty(folds.get(0).columns());
    for (SufficientStatistics fold : folds) {
      training.add(before);
      before = before.merge(fold);
    }
    SufficientStatistics after = SufficientStatistics.empty(before.columns());
    for (int f = k - 1; f >= 0; f--) {
      training.set(f, training.get(f).merge(after));
      after = after.merge(folds.get(f));
    }
    return training;
  }
}
