package winequality.data.profile;

import static org.apache.spark.sql.functions.array;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.api.java.function.ReduceFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Row;

/** Counts rows into the bins of another table's profile, so that the two can be compared. */
public final class HistogramCounter {

  private final List<ColumnProfile> reference;

  /**
   * @param reference whose bins are used; columns without a value in it are left out
   */
  public HistogramCounter(TableProfile reference) {
    this.reference = reference.columns().stream().filter(column -> column.count() > 0).toList();
  }

  /**
   * Counts in one pass.
   *
   * @return for each column the reference's edges with the counts of these rows; values that are
   *     not finite are counted nowhere
   */
  public Map<String, Histogram> count(Dataset<Row> rows) {
    Column[] columns =
        reference.stream()
            .map(column -> TableProfiler.orNan(Columns.quoted(column.name())))
            .toArray(Column[]::new);
    Encoder<long[]> counts = rows.sparkSession().implicits().newLongArrayEncoder();
    long[] all =
        rows.select(array(columns))
            .as(rows.sparkSession().implicits().newDoubleArrayEncoder())
            .mapPartitions(
                new PartitionCounts(reference.stream().map(c -> c.histogram().inner()).toList()),
                counts)
            .reduce((ReduceFunction<long[]>) HistogramCounter::sum);
    Map<String, Histogram> histograms = new LinkedHashMap<>();
    int next = 0;
    for (ColumnProfile column : reference) {
      List<Long> bins = new ArrayList<>();
      for (int i = 0; i < column.histogram().counts().size(); i++) {
        bins.add(all[next++]);
      }
      histograms.put(column.name(), new Histogram(column.histogram().edges(), bins));
    }
    return histograms;
  }

  private static long[] sum(long[] one, long[] other) {
    long[] sum = one.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other[i];
    }
    return sum;
  }

  /** The counts of a partition, all columns' bins in one row. */
  private static final class PartitionCounts implements MapPartitionsFunction<double[], long[]> {
    private static final long serialVersionUID = 1L;

    private final double[][] inner;

    PartitionCounts(List<double[]> inner) {
      this.inner = inner.toArray(double[][]::new);
    }

    @Override
    public Iterator<long[]> call(Iterator<double[]> rows) {
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
}
