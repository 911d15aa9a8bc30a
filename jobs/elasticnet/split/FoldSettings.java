package elasticnet.split;

import java.util.HashSet;
import java.util.List;

/**
 * How the train rows are divided for cross-validation.
 *
 * @param folds from 2 to 1,000
 * @param seeds one for each repetition of the cross-validation, from 1 to 100, all different
 */
public record FoldSettings(int folds, List<Long> seeds) {
  private static final int MOST_FOLDS = 1000;
  private static final int MOST_SEEDS = 100;

  public FoldSettings {
    seeds = List.copyOf(seeds);
    requireFolds(folds);
    if (seeds.isEmpty() || seeds.size() > MOST_SEEDS) {
      throw new IllegalArgumentException(
          "seeds has %d seeds; it must hold one for each repetition, from 1 to %d"
              .formatted(seeds.size(), MOST_SEEDS));
    }
    if (new HashSet<>(seeds).size() < seeds.size()) {
      throw new IllegalArgumentException(
          "seeds is %s; it must not hold a seed twice, which would repeat the same folds"
              .formatted(seeds));
    }
  }

  static void requireFolds(int folds) {
    if (folds < 2 || folds > MOST_FOLDS) {
      throw new IllegalArgumentException(
          "folds is " + folds + "; it must lie between 2 and " + MOST_FOLDS);
    }
  }
}
