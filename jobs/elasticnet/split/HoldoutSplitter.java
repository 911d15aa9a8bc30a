package elasticnet.split;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Divides a table by the content of its rows: a row trains if a hash of the seed and its feature
 * values is below the train fraction.
 *
 * <p>The columns may be of any type. A null leaves the hash as it is, so the predicate is never
 * null, and rows that have nulls in the same columns and equal values elsewhere count as equal.
 *
 * <p>Rows with equal features get the same side, a row keeps its side when others come or go, and
 * neither partitions nor order matter. In return, the share is met only on average over the
 * distinct feature rows: its standard deviation is {@code sqrt(f(1−f)/n)}, 1.2 percentage points
 * for 1,359 distinct rows.
 */
public final class HoldoutSplitter {

  /** Bits of the hash that are compared with the share; a double holds as many exactly. */
  private static final int BITS = 53;

  private final HoldoutSettings settings;

  public HoldoutSplitter(HoldoutSettings settings) {
    this.settings = settings;
  }

  /**
   * The predicate for a table with these feature columns; their order is part of the hash.
   *
   * @throws IllegalArgumentException if there are no features
   */
  public Holdout split(List<String> features) {
    if (features.isEmpty()) {
      throw new IllegalArgumentException("A split by content needs at least one feature column");
    }
    String columns = features.stream().map(Columns::quoted).collect(Collectors.joining(", "));
    long threshold = Math.round(settings.trainFraction() * (1L << BITS));
    // xxhash64 and the unsigned shift are documented Spark functions, so the predicate selects the
    // same rows in SQL, Python and Scala; the upper bits are a uniform number below 2^53;
    // %s, because %d writes the digits of the JVM's locale
    return new Holdout(
        "shiftrightunsigned(xxhash64(%sL, %s), %s) < %sL"
            .formatted(settings.seed(), columns, Long.SIZE - BITS, threshold),
        settings);
  }
}
