package winequality.data.profile;

import static org.apache.spark.sql.functions.array;

import elasticnet.split.Columns;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.api.java.function.ReduceFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Counts rows in the bins of another table's profile, so that the two can be compared. */
public final class HistogramCounter {

  private HistogramCounter() {}

  /**
   * Counts in one pass: for each column the reference's edges, which must not be empty, with the
   * counts of these rows. Values that are not finite are not counted.
   */
  public static Map<String, Histogram> count(Dataset<Row> rows, List<ColumnProfile> reference) {
    Column[] columns =
        reference.stream()
            .map(column -> TableProfiler.orNan(Columns.quoted(column.name())))
            .toArray(Column[]::new);
    double[][] inner =
        reference.stream().map(column -> column.histogram().inner()).toArray(double[][]::new);
    long[] all =
        rows.select(array(columns))
            .as(rows.sparkSession().implicits().newDoubleArrayEncoder())
            .mapPartitions(
                (MapPartitionsFunction<double[], long[]>) partition -> counts(partition, inner),
                rows.sparkSession().implicits().newLongArrayEncoder())
            .reduce((ReduceFunction<long[]>) HistogramCounter::sum);
    Iterator<Long> next = Arrays.stream(all).iterator();
    Map<String, Histogram> histograms = new LinkedHashMap<>();
    for (ColumnProfile column : reference) {
      Histogram bins = column.histogram();
      List<Long> counts = bins.counts().stream().map(count -> next.next()).toList();
      histograms.put(column.name(), new Histogram(bins.edges(), counts));
    }
    return histograms;
  }

  private static long[] sum(long[] one, long[] other) {
    return IntStream.range(0, one.length).mapToLong(i -> one[i] + other[i]).toArray();
  }

  private static Iterator<long[]> counts(Iterator<double[]> rows, double[][] inner) {
    int[] starts = new int[inner.length + 1];
    for (int i = 0; i < inner.length; i++) {
      starts[i + 1] = starts[i] + inner[i].length + 1;
    }
    long[] counts = new long[starts[inner.length]];
    while (rows.hasNext()) {
      double[] row = rows.next();
      for (int i = 0; i < inner.length; i++) {
        if (Double.isFinite(row[i])) {
          counts[starts[i] + Histogram.bin(row[i], inner[i])]++;
        }
      }
    }
    return List.of(counts).iterator();
  }
}
