package elasticnet.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import scala.Tuple2;

/**
 * Adds one partition's rows up by fold. The result has a pair of slot and serialised statistics for
 * each fold with rows in this partition; the slots count the folds of all repetitions.
 *
 * <p>An unusable row ends the partition with the single pair −1 − (position of the entry). After an
 * exception Spark would try the same rows four times and lose the exception's type.
 */
final class PartitionStatistics
    implements MapPartitionsFunction<double[], Tuple2<Integer, byte[]>> {
  private static final long serialVersionUID = 1L;

  private final int[] foldCounts;
  private final int columns;

  PartitionStatistics(int[] foldCounts, int columns) {
    this.foldCounts = foldCounts.clone();
    this.columns = columns;
  }

  @Override
  public Iterator<Tuple2<Integer, byte[]>> call(Iterator<double[]> rows) {
    StatisticsAccumulator[] slots = new StatisticsAccumulator[Arrays.stream(foldCounts).sum()];
    Arrays.setAll(slots, slot -> new StatisticsAccumulator(columns));
    List<Tuple2<Integer, byte[]>> partials = new ArrayList<>();
    try {
      while (rows.hasNext()) {
        double[] row = rows.next();
        int first = 0;
        for (int r = 0; r < foldCounts.length; r++) {
          int fold = (int) row[r];
          if (fold != row[r] || fold < 0 || fold >= foldCounts[r]) {
            return refusal(r);
          }
          slots[first + fold].add(row, foldCounts.length);
          first += foldCounts[r];
        }
      }
      for (int slot = 0; slot < slots.length; slot++) {
        SufficientStatistics statistics = slots[slot].statistics();
        if (statistics.rows() > 0) {
          partials.add(new Tuple2<>(slot, statistics.toBytes()));
        }
      }
      return partials.iterator();
    } catch (StatisticsAccumulator.NotFiniteException e) {
      return refusal(foldCounts.length + e.column());
    }
  }

  private static Iterator<Tuple2<Integer, byte[]>> refusal(int entry) {
    return List.of(new Tuple2<>(-1 - entry, new byte[0])).iterator();
  }
}
