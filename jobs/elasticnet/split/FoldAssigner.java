package elasticnet.split;

import static org.apache.spark.sql.functions.expr;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Divides the train rows into folds by their content, as {@link HoldoutSplitter} divides the table:
 * rows with equal features share a fold, a row keeps its fold when others come or go, and neither
 * partitions nor order matter.
 *
 * <p>The columns may be of any type and have nulls, as there: the fold is never null.
 *
 * <p>The fold is a hash of the seed and of the row's content hash. The second hash makes the folds
 * independent of the split, whose train side is an interval of one hash, and of each other. It also
 * makes repetitions cheap: Spark computes the content hash once for a row.
 *
 * <p>A fold has its share of the distinct feature rows on average, with a standard deviation of
 * {@code sqrt(n·(1/k)·(1−1/k))} rows.
 */
public final class FoldAssigner {

  private static final int MOST_TRIED = 50;

  private final FoldSettings settings;

  public FoldAssigner(FoldSettings settings) {
    this.settings = settings;
  }

  /** One division for each seed, by these features, at least one; their order matters. */
  public List<Folds> assign(List<String> features) {
    return assign(features, settings.folds());
  }

  /**
   * The largest k from 2 to 50, below the settings' number, for which every fold has a row; empty
   * if there is none. Reads the rows once.
   */
  public OptionalInt largest(Dataset<Row> train, List<String> features) {
    int seeds = settings.seeds().size();
    int most = Math.min(settings.folds() - 1, MOST_TRIED);
    List<Column> found = new ArrayList<>();
    for (int k = 2; k <= most; k++) {
      for (Folds folds : assign(features, k)) {
        found.add(expr("bit_count(bit_or(shiftleft(1L, " + folds.foldSql() + ")))"));
      }
    }
    if (found.isEmpty()) {
      return OptionalInt.empty();
    }
    Row row = train.select(found.toArray(Column[]::new)).first();
    return IntStream.iterate(most, k -> k >= 2, k -> k - 1)
        .filter(
            k ->
                IntStream.range((k - 2) * seeds, (k - 1) * seeds)
                    .allMatch(column -> row.getInt(column) == k))
        .findFirst();
  }

  private List<Folds> assign(List<String> features, int k) {
    if (features.isEmpty()) {
      throw new IllegalArgumentException("Folds by content need at least one feature column");
    }
    String columns = features.stream().map(Columns::quoted).collect(Collectors.joining(", "));
    return settings.seeds().stream()
        .map(
            seed ->
                new Folds(
                    // 2^64 need not be a multiple of k; that skews the sizes by less than k/2^64
                    "cast(pmod(xxhash64(%sL, xxhash64(%s)), %sL) AS INT)"
                        .formatted(seed, columns, k),
                    k))
        .toList();
  }
}
