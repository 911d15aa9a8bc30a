package elasticnet.statistics;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import scala.Tuple2;

/** Merges the partial statistics of each slot; a refusal is passed on. */
final class PartialMerge
    implements MapPartitionsFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>> {
  private static final long serialVersionUID = 1L;

  @Override
  public Iterator<Tuple2<Integer, byte[]>> call(Iterator<Tuple2<Integer, byte[]>> partials) {
    Map<Integer, SufficientStatistics> bySlot = new TreeMap<>();
    List<Tuple2<Integer, byte[]>> merged = new ArrayList<>();
    while (partials.hasNext()) {
      Tuple2<Integer, byte[]> partial = partials.next();
      if (partial._1() < 0) {
        merged.add(partial);
      } else {
        bySlot.merge(
            partial._1(), SufficientStatistics.ofBytes(partial._2()), SufficientStatistics::merge);
      }
    }
    bySlot.forEach((slot, statistics) -> merged.add(new Tuple2<>(slot, statistics.toBytes())));
    return merged.iterator();
  }
}
