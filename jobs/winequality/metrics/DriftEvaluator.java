package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.DatasetDescription;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.Histogram;
import winequality.data.profile.HistogramCounter;
import winequality.data.profile.TableProfile;
import winequality.data.profile.TableProfiler;

/**
 * Measures how far rows lie from a reference, column by column.
 *
 * <p>{@code PSI = Σ (p − q)·ln(p/q)} over the reference's bins, q its share and p that of the new
 * values; a share is never taken for less than {@value #LEAST_SHARE}, or half a new value, so that
 * an empty bin gives no infinity and a rare value that did not come up by chance no large index.
 * Neighbouring bins are put together until each has a tenth of the reference's values, as is usual,
 * and eight of the new ones are expected in it, so that the χ² below holds; if that leaves one bin
 * only, there are two, the largest and all others. A column that is constant in the reference has
 * two bins, that value and all others. Usual readings: below 0.1 no change, above 0.25 a large one.
 * Of few rows the index is large by chance alone: where nothing changed it is about {@code χ²(bins
 * − 1)·(1/n + 1/m)} (Yurdakul and Naranjo 2020, "Statistical properties of the population stability
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
   * Measures rows against a reference; reads them four times at most, so cache them.
   *
   * @return the columns of the data set that have values in both; empty if there is none
   */
  public Optional<Drift> evaluate(Dataset<Row> rows, TableProfile reference) {
    TableProfile now = new TableProfiler(dataset).profile(rows);
    List<ColumnProfile> known =
        dataset.columns().stream()
            .flatMap(column -> reference.column(column.name()).stream())
            .filter(column -> column.count() > 0)
            .filter(column -> now.column(column.name()).orElseThrow().count() > 0)
            .toList();
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Histogram> counted =
        new HistogramCounter(new TableProfile(reference.rows(), reference.duplicates(), known))
            .count(rows);
    List<Long> unchanged = equalToConstants(rows, known);
    List<ColumnDrift> columns = new ArrayList<>();
    for (int i = 0; i < known.size(); i++) {
      ColumnProfile before = known.get(i);
      ColumnProfile after = now.column(before.name()).orElseThrow();
      columns.add(
          isConstant(before)
              ? drift(
                  before,
                  after,
                  new Binned(
                      List.of(before.count(), 0L),
                      List.of(unchanged.get(i), after.count() - unchanged.get(i))))
              : drift(
                  before,
                  after,
                  Binned.of(
                      before.histogram().counts(),
                      counted.getOrDefault(before.name(), before.histogram()).counts())));
    }
    return Optional.of(new Drift(now.rows(), columns));
  }

  private static boolean isConstant(ColumnProfile column) {
    return column.histogram().counts().size() == 1;
  }

  /** For each column that is constant in the reference, how many new values are that constant. */
  private static List<Long> equalToConstants(Dataset<Row> rows, List<ColumnProfile> columns) {
    if (columns.stream().noneMatch(DriftEvaluator::isConstant)) {
      return columns.stream().map(column -> 0L).toList();
    }
    Column[] counts =
        columns.stream()
            .map(column -> count(when(col(Columns.quoted(column.name())).equalTo(column.min()), 1)))
            .toArray(Column[]::new);
    Row row = rows.select(counts).first();
    List<Long> equal = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      equal.add(row.getLong(i));
    }
    return equal;
  }

  /** Counts of the reference's and of the new values in the same bins. */
  record Binned(List<Long> reference, List<Long> now) {

    /** Puts neighbouring bins together; what is left at the end goes into the last one. */
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

    /** Of a flag, a rare category, or few new values: what most values are, and everything else. */
    private static Binned largestAndOthers(List<Long> reference, List<Long> now) {
      int largest = 0;
      for (int i = 1; i < reference.size(); i++) {
        largest = reference.get(i) > reference.get(largest) ? i : largest;
      }
      long most = reference.get(largest);
      long mostNow = now.get(largest);
      return new Binned(
          List.of(most, (long) sum(reference) - most), List.of(mostNow, (long) sum(now) - mostNow));
    }
  }

  private static ColumnDrift drift(ColumnProfile before, ColumnProfile after, Binned binned) {
    return new ColumnDrift(
        before.name(),
        psi(binned.reference(), binned.now()),
        byChance(binned.reference().size(), before.count(), after.count()),
        meanShift(before, after),
        after.count());
  }

  /**
   * The index of two lists of counts over the same bins.
   *
   * @throws IllegalArgumentException if they have not the same bins, or one has no value
   */
  static double psi(List<Long> reference, List<Long> now) {
    double before = sum(reference);
    double after = sum(now);
    if (reference.size() != now.size() || before == 0.0 || after == 0.0) {
      throw new IllegalArgumentException(
          "The counts %s and %s are not values in the same bins".formatted(reference, now));
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

  /** What the index of unchanged values stays below with the confidence. */
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
      double within = m > 1 ? (m - 1) * square(after.standardDeviation()) : 0.0;
      deviation =
          Math.sqrt((within + n * m / (n + m) * square(difference)) / Math.max(1.0, n + m - 1));
    }
    double shift = difference / deviation;
    return Double.isFinite(shift) ? OptionalDouble.of(shift) : OptionalDouble.empty();
  }

  private static double square(double value) {
    return value * value;
  }

  private static double sum(List<Long> counts) {
    return counts.stream().mapToLong(Long::longValue).sum();
  }
}
