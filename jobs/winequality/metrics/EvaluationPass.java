package winequality.metrics;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import scala.Tuple2;
import winequality.data.DataRefusedException;

/**
 * One pass over labels and predictions, from which all figures follow. It adds rows up in slots:
 * one for all train rows, and for the test rows one for each bin of the label, each bin of the
 * residual and each group with the same hash of the features.
 *
 * <p>A group holds one distinct feature row with its duplicates, or several of them in a large
 * table. Sums are weighted. Means and squares are centred and merge without cancellation (Chan,
 * Golub, LeVeque 1983), so R² is accurate for labels far from 0 too. The tasks of a shuffle merge
 * the partitions, so the driver receives each slot once, 2.5 MB in all. The result does not depend
 * on the partitions, except in the last digits.
 */
final class EvaluationPass {

  /** Most groups. */
  static final int GROUPS = 1 << 14;

  // positions in a slot: what adds up, what does not, the means, and their centred squares
  static final int ROWS = 0;
  static final int WEIGHT = 1;
  static final int ERRORS = 2;
  static final int SQUARED_ERRORS = 3;
  static final int ABSOLUTE_ERRORS = 4;
  static final int OTHER_SQUARED = 5;
  static final int OTHER_ABSOLUTE = 6;
  static final int PRODUCTS = 7;
  static final int LEAST = 8;
  static final int MOST = 9;
  private static final int HASH = 10;
  static final int EXAMPLE = 12;
  static final int LABEL = 14;
  static final int PREDICTION = 15;
  static final int MODEL = 16;

  private final ErrorProfiler bins;
  private final double[][] slots;

  private EvaluationPass(ErrorProfiler bins) {
    this.bins = bins;
    this.slots = new double[bins.end() + GROUPS][];
  }

  /** Reads rows that {@link EvaluationColumns#arrays} made, once. */
  static EvaluationPass over(Dataset<double[]> rows, ErrorProfiler bins) {
    Encoder<Tuple2<Integer, double[]>> encoder =
        Encoders.tuple(Encoders.INT(), rows.sparkSession().implicits().newDoubleArrayEncoder());
    Dataset<Tuple2<Integer, double[]>> partials =
        rows.mapPartitions(
            (MapPartitionsFunction<double[], Tuple2<Integer, double[]>>)
                partition -> new EvaluationPass(bins).added(partition).filled(),
            encoder);
    Dataset<Tuple2<Integer, double[]>> merged =
        partials
            .repartition(partials.col("_1"))
            .mapPartitions(
                (MapPartitionsFunction<Tuple2<Integer, double[]>, Tuple2<Integer, double[]>>)
                    some -> new EvaluationPass(bins).merged(some).filled(),
                encoder);
    return new EvaluationPass(bins).merged(merged.collectAsList().iterator());
  }

  private EvaluationPass added(Iterator<double[]> rows) {
    while (rows.hasNext()) {
      double[] row = rows.next();
      int group = (int) row[EvaluationColumns.GROUP];
      double[] slot = slot(row, group < 0 ? row.length : EvaluationColumns.MODEL);
      if (group < 0) {
        add(ErrorProfiler.TRAIN, slot);
      } else {
        add(bins.labelSlot(slot[LABEL]), slot);
        add(bins.residualSlot(slot[LABEL] - slot[PREDICTION]), slot);
        add(bins.end() + group, slot);
      }
    }
    return this;
  }

  /** The slot of one row alone, with means up to this end of the row. */
  private static double[] slot(double[] row, int end) {
    double w = row[EvaluationColumns.WEIGHT];
    double y = row[EvaluationColumns.LABEL];
    double p = row[EvaluationColumns.PREDICTION];
    double e = y - p;
    double o = y - row[EvaluationColumns.OTHER];
    double high = row[EvaluationColumns.HASH];
    double low = row[EvaluationColumns.HASH + 1];
    double[] sums = {1, w, w * e, w * e * e, w * Math.abs(e), w * o * o, w * Math.abs(o), 0};
    double[] rest = {y, y, high, low, y, p};
    int means = end - EvaluationColumns.LABEL;
    double[] slot = Arrays.copyOf(sums, LABEL + 2 * means);
    System.arraycopy(rest, 0, slot, LEAST, rest.length);
    System.arraycopy(row, EvaluationColumns.LABEL, slot, LABEL, means);
    return slot;
  }

  private EvaluationPass merged(Iterator<Tuple2<Integer, double[]>> some) {
    some.forEachRemaining(slot -> add(slot._1(), slot._2()));
    return this;
  }

  private Iterator<Tuple2<Integer, double[]>> filled() {
    return IntStream.range(0, slots.length)
        .filter(i -> slots[i] != null)
        .mapToObj(i -> new Tuple2<>(i, slots[i]))
        .iterator();
  }

  private void add(int index, double[] slot) {
    slots[index] = slots[index] == null ? slot.clone() : sum(slots[index], slot);
  }

  /** Adds the second slot to the first. */
  private static double[] sum(double[] sum, double[] slot) {
    double share = slot[WEIGHT] / (sum[WEIGHT] + slot[WEIGHT]);
    double between = sum[WEIGHT] * share;
    for (int i = ROWS; i < LEAST; i++) {
      sum[i] += slot[i];
    }
    sum[PRODUCTS] += between * (slot[LABEL] - sum[LABEL]) * (slot[PREDICTION] - sum[PREDICTION]);
    sum[LEAST] = Math.min(sum[LEAST], slot[LEAST]);
    sum[MOST] = Math.max(sum[MOST], slot[MOST]);
    if (hash(slot) < hash(sum)) {
      System.arraycopy(slot, HASH, sum, HASH, LABEL - HASH);
    }
    int means = means(sum);
    for (int i = LABEL; i < LABEL + means; i++) {
      double difference = slot[i] - sum[i];
      sum[i] += share * difference;
      sum[i + means] += slot[i + means] + between * difference * difference;
    }
    return sum;
  }

  private static int means(double[] slot) {
    return (slot.length - LABEL) / 2;
  }

  /** Of the column whose mean has this position; the divisor is the sum of the weights. */
  static double variance(double[] slot, int mean) {
    return slot[mean + means(slot)] / slot[WEIGHT];
  }

  /** The hash of the example, the lowest of all rows. */
  static long hash(double[] slot) {
    return ((long) slot[HASH] << Integer.SIZE) | (long) slot[HASH + 1];
  }

  /** Those of these slots that have rows, in their order. */
  List<double[]> slots(int from, int to) {
    return Arrays.stream(slots, from, to).filter(Objects::nonNull).toList();
  }

  /** The sum of slots; empty without one. */
  static Optional<double[]> total(List<double[]> slots) {
    return slots.stream().map(double[]::clone).reduce(EvaluationPass::sum);
  }

  /** Empty without train rows. */
  Optional<double[]> train() {
    return total(slots(ErrorProfiler.TRAIN, ErrorProfiler.TRAIN + 1));
  }

  /** Empty without test rows. */
  Optional<double[]> test() {
    return total(slots(ErrorProfiler.LABELS, bins.end()));
  }

  /**
   * The groups, whose order does not depend on partitions.
   *
   * @throws DataRefusedException if there are no test rows
   */
  List<double[]> groups() {
    List<double[]> groups = slots(bins.end(), slots.length);
    if (groups.isEmpty()) {
      throw new DataRefusedException(
          "There is no row to evaluate; take in more rows or set another holdout.train-fraction");
    }
    return groups;
  }
}
