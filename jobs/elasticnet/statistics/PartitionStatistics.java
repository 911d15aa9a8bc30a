package elasticnet.statistics;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import scala.Tuple2;

/**
 * One partition's rows added up by fold: a pair of slot and serialised statistics for each fold
 * that has a row here, the folds of all repetitions in one row of slots.
 *
 * <p>A row that cannot be used ends the partition with the pair −1 − (position of the entry). An
 * exception would let Spark try the same rows four times and lose its type on the way.
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
    List<List<StatisticsAccumulator>> repetitions = new ArrayList<>();
    for (int k : foldCounts) {
      List<StatisticsAccumulator> folds = new ArrayList<>();
      for (int fold = 0; fold < k; fold++) {
        folds.add(new StatisticsAccumulator(columns));
      }
      repetitions.add(folds);
    }
    try {
      while (rows.hasNext()) {
        double[] row = rows.next();
        for (int r = 0; r < foldCounts.length; r++) {
          int fold = (int) row[r];
          if (fold != row[r] || fold < 0 || fold >= foldCounts[r]) {
            return refusal(r);
          }
          repetitions.get(r).get(fold).add(row, foldCounts.length);
        }
      }
      return partials(repetitions);
    } catch (StatisticsAccumulator.NotFiniteException e) {
      return refusal(foldCounts.length + e.column());
    }
  }

  private static Iterator<Tuple2<Integer, byte[]>> partials(
      List<List<StatisticsAccumulator>> repetitions) {
    List<StatisticsAccumulator> slots = repetitions.stream().flatMap(List::stream).toList();
    List<Tuple2<Integer, byte[]>> partials = new ArrayList<>();
    for (int slot = 0; slot < slots.size(); slot++) {
      SufficientStatistics statistics = slots.get(slot).statistics();
      if (statistics.rows() > 0) {
        partials.add(new Tuple2<>(slot, statistics.toBytes()));
      }
    }
    return partials.iterator();
  }

  private static Iterator<Tuple2<Integer, byte[]>> refusal(int entry) {
    return List.of(new Tuple2<>(-1 - entry, new byte[0])).iterator();
  }
}
