package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.ColumnDescription;
import winequality.data.DatasetDescription;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.Histogram;
import winequality.data.profile.HistogramCounter;
import winequality.data.profile.TableProfile;
import winequality.data.profile.TableProfiler;

/**
 * Measures how far rows lie from a reference, column by column.
 *
 * <p>{@code PSI = Σ (p − q)·ln(p/q)} over the reference's bins; q is the reference's share and p
 * that of the new values. Shares below {@value #LEAST_SHARE}, or below half a new value, are raised
 * to it, so an empty bin or a rare value that is missing by chance does not inflate the index.
 * Usual readings: below 0.1 no change, above 0.25 a large one.
 *
 * <p>Neighbouring bins are merged until each holds a tenth of the reference's values and is
 * expected to hold eight new ones, which the χ² below needs. If only one bin would be left, or the
 * column is constant in the reference, there are two: the largest one and all others.
 *
 * <p>The bins of a category are its levels, the most frequent ones of the reference first, so that
 * rare levels are merged. All levels that the reference does not have are one more bin, and so are
 * missing values where they are allowed.
 *
 * <p>With few rows the index is large by chance. Without a change it is about {@code χ²(bins −
 * 1)·(1/n + 1/m)} (Yurdakul and Naranjo 2020, "Statistical properties of the population stability
 * index").
 */
public final class DriftEvaluator {

  static final double LEAST_SHARE = 1e-4;

  private static final double HALF_A_VALUE = 0.5;
  private static final double BIN_SHARE = 0.1;
  private static final double EXPECTED = 8.0;
  private static final double CONFIDENCE = 0.99;

  private final DatasetDescription dataset;

  public DriftEvaluator(DatasetDescription dataset) {
    this.dataset = dataset;
  }

  /**
   * Measures rows against a reference. It reads the rows up to four times, so cache them.
   *
   * @return the columns of the data set with values in both, or with values in the reference and
   *     allowed gaps now; empty if there is no such column
   */
  public Optional<Drift> evaluate(Dataset<Row> rows, TableProfile reference) {
    TableProfile now = new TableProfiler(dataset).profile(rows);
    List<ColumnProfile> known =
        dataset.columns().stream()
            .flatMap(column -> reference.column(column.name()).stream())
            .filter(column -> column.count() > 0)
            .filter(
                column -> {
                  ColumnProfile after = now.column(column.name()).orElseThrow();
                  ColumnDescription as = described(column.name());
                  // a number that became a category has nothing to be compared with
                  return after.count() + gaps(as, after) > 0
                      && as.isCategory() != column.levels().isEmpty();
                })
            .toList();
    if (known.isEmpty()) {
      return Optional.empty();
    }
    List<ColumnProfile> numbers =
        known.stream().filter(column -> column.levels().isEmpty()).toList();
    Map<String, Histogram> counted =
        numbers.isEmpty() ? Map.of() : HistogramCounter.count(rows, numbers);
    Map<String, Long> unchanged = equalToConstants(rows, numbers);
    List<ColumnDrift> columns = new ArrayList<>();
    for (ColumnProfile before : known) {
      ColumnProfile after = now.column(before.name()).orElseThrow();
      Long equal = unchanged.get(before.name());
      Binned binned;
      if (!before.levels().isEmpty()) {
        binned = Binned.ofLevels(before.levelCounts(), after.levelCounts());
      } else if (equal != null) {
        binned = new Binned(List.of(before.count(), 0L), List.of(equal, after.count() - equal));
      } else {
        binned =
            Binned.of(
                before.histogram().counts(),
                counted.getOrDefault(before.name(), before.histogram()).counts());
      }
      long gapsBefore = gaps(described(before.name()), before);
      long gapsNow = gaps(described(before.name()), after);
      if (gapsBefore + gapsNow > 0) {
        binned =
            new Binned(
                Binned.and(binned.reference(), gapsBefore), Binned.and(binned.now(), gapsNow));
      }
      columns.add(
          new ColumnDrift(
              before.name(),
              psi(binned.reference(), binned.now()),
              byChance(
                  binned.reference().size(), before.count() + gapsBefore, after.count() + gapsNow),
              meanShift(before, after),
              after.count()));
    }
    return Optional.of(new Drift(now.rows(), columns));
  }

  private ColumnDescription described(String name) {
    return dataset.columns().stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static long gaps(ColumnDescription column, ColumnProfile profile) {
    return column.kind().mayBeMissing() ? profile.nulls() : 0;
  }

  /** The number of unchanged new values of each column that is constant in the reference. */
  private static Map<String, Long> equalToConstants(
      Dataset<Row> rows, List<ColumnProfile> columns) {
    List<ColumnProfile> constants =
        columns.stream().filter(column -> column.histogram().counts().size() == 1).toList();
    Map<String, Long> equal = new HashMap<>();
    if (!constants.isEmpty()) {
      Column[] counts =
          constants.stream()
              .map(same -> count(when(col(Columns.quoted(same.name())).equalTo(same.min()), 1)))
              .toArray(Column[]::new);
      Row row = rows.select(counts).first();
      for (int i = 0; i < constants.size(); i++) {
        equal.put(constants.get(i).name(), row.getLong(i));
      }
    }
    return equal;
  }

  record Binned(List<Long> reference, List<Long> now) {

    /** Merges neighbouring bins; the last bin takes the remainder. */
    static Binned of(List<Long> reference, List<Long> now) {
      double least = sum(reference) * Math.max(BIN_SHARE, EXPECTED / sum(now));
      List<Long> before = new ArrayList<>();
      List<Long> after = new ArrayList<>();
      long open = 0;
      long openNow = 0;
      for (int i = 0; i < reference.size(); i++) {
        open += reference.get(i);
        openNow += now.get(i);
        if (open >= least) {
          before.add(open);
          after.add(openNow);
          open = 0;
          openNow = 0;
        }
      }
      if (before.size() < 2) {
        return largestAndOthers(reference, now);
      }
      int last = before.size() - 1;
      before.set(last, before.get(last) + open);
      after.set(last, after.get(last) + openNow);
      return new Binned(before, after);
    }

    /** Bins of levels, and one of all levels that only the new rows have, if they have any. */
    static Binned ofLevels(Map<String, Long> reference, Map<String, Long> now) {
      List<String> levels =
          reference.keySet().stream()
              .sorted(
                  Comparator.comparingLong((String level) -> -reference.getOrDefault(level, 0L))
                      .thenComparing(Comparator.naturalOrder()))
              .toList();
      List<Long> before = levels.stream().map(level -> reference.getOrDefault(level, 0L)).toList();
      List<Long> after = levels.stream().map(level -> now.getOrDefault(level, 0L)).toList();
      long added = (long) (sum(List.copyOf(now.values())) - sum(after));
      boolean constant = levels.size() == 1;
      if (!constant) {
        Binned merged = of(before, after);
        before = merged.reference();
        after = merged.now();
      }
      return constant || added > 0
          ? new Binned(and(before, 0L), and(after, added))
          : new Binned(before, after);
    }

    private static List<Long> and(List<Long> counts, long last) {
      return Stream.concat(counts.stream(), Stream.of(last)).toList();
    }

    /** For flags, rare categories and few new values: the largest bin and all others. */
    private static Binned largestAndOthers(List<Long> reference, List<Long> now) {
      long most = Collections.max(reference);
      long mostNow = now.get(reference.indexOf(most));
      return new Binned(
          List.of(most, (long) sum(reference) - most), List.of(mostNow, (long) sum(now) - mostNow));
    }
  }

  /** The index of two lists of counts, which must be over the same bins and above 0. */
  static double psi(List<Long> reference, List<Long> now) {
    double before = sum(reference);
    double after = sum(now);
    if (reference.size() != now.size() || before == 0.0 || after == 0.0) {
      throw new IllegalArgumentException(
          "The counts %s and %s must be over the same bins and above 0".formatted(reference, now));
    }
    double least = Math.max(LEAST_SHARE, HALF_A_VALUE / after);
    double psi = 0.0;
    for (int i = 0; i < reference.size(); i++) {
      double q = Math.max(least, reference.get(i) / before);
      double p = Math.max(least, now.get(i) / after);
      psi += (p - q) * Math.log(p / q);
    }
    return psi;
  }

  static double byChance(int bins, long reference, long now) {
    return new ChiSquaredDistribution(bins - 1.0).inverseCumulativeProbability(CONFIDENCE)
        * (1.0 / reference + 1.0 / now);
  }

  private static OptionalDouble meanShift(ColumnProfile before, ColumnProfile after) {
    double difference = after.mean() - before.mean();
    double deviation = before.standardDeviation();
    if (!(deviation > 0.0)) {
      double n = before.count();
      double m = after.count();
      double spread = after.standardDeviation();
      double within = m > 1 ? (m - 1) * (spread * spread) : 0.0;
      double between = n * m / (n + m) * (difference * difference);
      deviation = Math.sqrt((within + between) / Math.max(1.0, n + m - 1));
    }
    double shift = difference / deviation;
    return Double.isFinite(shift) ? OptionalDouble.of(shift) : OptionalDouble.empty();
  }

  private static double sum(List<Long> counts) {
    return counts.stream().mapToLong(Long::longValue).sum();
  }
}
