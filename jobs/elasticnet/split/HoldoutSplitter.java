package elasticnet.split;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Divides a table by the content of its rows: a row trains if a hash of the seed and its feature
 * values falls below the wanted share.
 *
 * <p>Rows with equal features get the same side, a row keeps its side when others come or go, and
 * neither partitions nor order matter. The price is that the share is met on average over distinct
 * feature rows, not to the row: its standard deviation is {@code sqrt(f(1−f)/n)}, 1.2 percentage
 * points for the 1,359 distinct red wines.
 */
public final class HoldoutSplitter {

  /** Bits of the hash that are compared with the share; as many as a double holds exactly. */
  private static final int BITS = 53;

  private final HoldoutSettings settings;

  public HoldoutSplitter(HoldoutSettings settings) {
    this.settings = settings;
  }

  /**
   * Makes the predicate for a table with these feature columns.
   *
   * @param features names of the feature columns; their order is part of the hash
   * @throws IllegalArgumentException if there is no feature
   */
  public Holdout split(List<String> features) {
    if (features.isEmpty()) {
      throw new IllegalArgumentException("A split by content needs at least one feature column");
    }
    String columns = features.stream().map(Columns::quoted).collect(Collectors.joining(", "));
    long threshold = Math.round(settings.trainFraction() * (1L << BITS));
    // xxhash64 and the unsigned shift are Spark's own and documented, so that the same predicate
    // gives the same rows in SQL, Python or Scala; the upper bits make a uniform number below 2^53
    String sql =
        "shiftrightunsigned(xxhash64(%dL, %s), %d) < %dL"
            .formatted(settings.seed(), columns, Long.SIZE - BITS, threshold);
    return new Holdout(sql, settings);
  }
}
