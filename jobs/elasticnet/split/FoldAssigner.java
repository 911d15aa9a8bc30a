package elasticnet.split;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Divides the train rows into folds by the content of the rows, as {@link HoldoutSplitter} divides
 * the table: equal feature rows share a fold, a row keeps its fold when others come or go, and
 * neither partitions nor order matter.
 *
 * <p>The fold is a hash of the seed and of the row's content hash. Hashing twice is what keeps the
 * folds apart from the split (the train side is an interval of one hash, which the second hash
 * scatters) and the repetitions apart from each other; and it is what makes repetitions cheap,
 * since Spark computes the content hash once for a row and each seed adds one hash of a long.
 *
 * <p>A fold's size is met on average over distinct feature rows, with a standard deviation of
 * {@code sqrt(n·(1/k)·(1−1/k))} rows.
 */
public final class FoldAssigner {

  private final FoldSettings settings;

  public FoldAssigner(FoldSettings settings) {
    this.settings = settings;
  }

  /**
   * Makes the expressions for a table with these feature columns.
   *
   * @param features names of the feature columns; their order is part of the hash
   * @return one division for each seed, in the seeds' order
   * @throws IllegalArgumentException if there is no feature
   */
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
                    // 2^64 is no multiple of k; the fold sizes differ by less than k/2^64 for it
                    "cast(pmod(xxhash64(%dL, xxhash64(%s)), %dL) AS INT)"
                        .formatted(seed, columns, k),
                    k,
                    seed))
        .toList();
  }
}
