package elasticnet.split;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Divides the train rows into folds by their content, as {@link HoldoutSplitter} divides the table:
 * rows with equal features share a fold, a row keeps its fold when others come or go, and neither
 * partitions nor order matter.
 *
 * <p>The fold is a hash of the seed and of the row's content hash. The second hash makes the folds
 * independent of the split, whose train side is an interval of one hash, and of each other. It also
 * makes repetitions cheap: Spark computes the content hash once for a row.
 *
 * <p>A fold has its share of the distinct feature rows on average, with a standard deviation of
 * {@code sqrt(n·(1/k)·(1−1/k))} rows.
 */
public final class FoldAssigner {

  private final FoldSettings settings;

  public FoldAssigner(FoldSettings settings) {
    this.settings = settings;
  }

  /** One division for each seed, by these features, at least one; their order matters. */
  public List<Folds> assign(List<String> features) {
    if (features.isEmpty()) {
      throw new IllegalArgumentException("Folds by content need at least one feature column");
    }
    String columns = features.stream().map(Columns::quoted).collect(Collectors.joining(", "));
    int k = settings.folds();
    return settings.seeds().stream()
        .map(
            seed ->
                new Folds(
                    // 2^64 need not be a multiple of k; that skews the sizes by less than k/2^64
                    "cast(pmod(xxhash64(%sL, xxhash64(%s)), %sL) AS INT)"
                        .formatted(seed, columns, k),
                    k,
                    seed))
        .toList();
  }
}
