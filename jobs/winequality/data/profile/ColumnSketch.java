package winequality.data.profile;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import winequality.data.ColumnDescription;

/**
 * Values of one column added up in one pass, of which several can be merged.
 *
 * <p>Values are counted in buckets. A bucket is one value as long as there are at most {@link
 * #BUCKETS} different ones. When there are more, each two neighbours become one, until few enough
 * are left. Buckets are ranges of the double's bits in the order of the numbers, so they are narrow
 * where numbers are small, and the same ones however the values were divided among the sketches
 * that are merged: what a sketch merges to does not depend on the partitions.
 *
 * @see <a href="https://arxiv.org/abs/2004.08604">Epicoco et al. (2020), UDDSketch</a> for
 *     collapsing all buckets alike
 */
final class ColumnSketch {

  static final int BUCKETS = 1 << 14;

  /** Bins of a histogram, at most; a value each where there are no more. */
  private static final int BINS = 20;

  private static final int SMALLEST_TABLE = 64;

  private long nulls;
  private long count;
  private double mean;
  private double
      squares; // Σ (value − mean)²: raw squares cancel where values vary in the third decimal
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  // buckets by hash; a place is free where the count is 0
  private int shift;
  private int used;
  private long[] keys = new long[SMALLEST_TABLE];
  private long[] counts = new long[SMALLEST_TABLE];

  /** Counts a value; what is not finite counts as missing. */
  void add(double given) {
    if (!Double.isFinite(given)) {
      nulls++;
      return;
    }
    double value = given + 0.0; // one zero only
    count++;
    double delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
    min = Math.min(min, value);
    max = Math.max(max, value);
    put(ordered(value) >> shift, 1);
    while (used > BUCKETS) {
      collapse();
    }
  }

  /** Adds what another sketch has seen. */
  void merge(ColumnSketch other) {
    nulls += other.nulls;
    if (other.count == 0) {
      return;
    }
    long total = count + other.count;
    double delta = other.mean - mean;
    squares += other.squares + delta * delta * ((double) count * other.count / total);
    mean += delta * other.count / total;
    count = total;
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
    while (shift < other.shift) {
      collapse();
    }
    for (int i = 0; i < other.keys.length; i++) {
      if (other.counts[i] > 0) {
        put(other.keys[i] >> (shift - other.shift), other.counts[i]);
        while (used > BUCKETS) {
          collapse();
        }
      }
    }
  }

  ColumnProfile profile(ColumnDescription column) {
    long[][] buckets = ascending();
    double error = 0;
    double[] quartiles = new double[3];
    for (int i = 0; i < 3; i++) {
      double[] range = quantile(buckets, (i + 1) / 4.0);
      quartiles[i] = (range[0] + range[1]) / 2;
      error = Math.max(error, (range[1] - range[0]) / 2);
    }
    boolean none = count == 0;
    return new ColumnProfile(
        column.name(),
        column.unit(),
        count,
        nulls,
        none ? Double.NaN : min,
        none ? Double.NaN : max,
        none ? Double.NaN : mean,
        count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1)),
        quartiles[0],
        quartiles[1],
        quartiles[2],
        none ? Double.NaN : error,
        histogram(buckets));
  }

  byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(2 * Integer.BYTES + (6 + 2 * used) * Long.BYTES);
    bytes.putInt(shift).putInt(used).putLong(nulls).putLong(count);
    bytes.putDouble(mean).putDouble(squares).putDouble(min).putDouble(max);
    for (int i = 0; i < keys.length; i++) {
      if (counts[i] > 0) {
        bytes.putLong(keys[i]).putLong(counts[i]);
      }
    }
    return bytes.array();
  }

  static ColumnSketch ofBytes(byte[] serialised) {
    ByteBuffer bytes = ByteBuffer.wrap(serialised);
    ColumnSketch sketch = new ColumnSketch();
    sketch.shift = bytes.getInt();
    int buckets = bytes.getInt();
    sketch.nulls = bytes.getLong();
    sketch.count = bytes.getLong();
    sketch.mean = bytes.getDouble();
    sketch.squares = bytes.getDouble();
    sketch.min = bytes.getDouble();
    sketch.max = bytes.getDouble();
    for (int i = 0; i < buckets; i++) {
      sketch.put(bytes.getLong(), bytes.getLong());
    }
    return sketch;
  }

  /** Smallest and largest value that the quantile may be: those of its bucket. */
  private double[] quantile(long[][] buckets, double share) {
    long wanted = (long) Math.ceil(share * count);
    long seen = 0;
    for (int i = 0; i < buckets[0].length; i++) {
      seen += buckets[1][i];
      if (seen >= wanted) {
        return new double[] {
          Math.max(min, smallest(buckets[0][i])), Math.min(max, largest(buckets[0][i]))
        };
      }
    }
    return new double[] {Double.NaN, Double.NaN};
  }

  private Histogram histogram(long[][] buckets) {
    int values = buckets[0].length;
    if (values == 0) {
      return new Histogram(List.of(), List.of());
    }
    List<Double> edges = new ArrayList<>(List.of(min));
    List<Long> bins = new ArrayList<>();
    long seen = 0;
    long bin = 0;
    for (int i = 0; i < values; i++) {
      seen += buckets[1][i];
      bin += buckets[1][i];
      boolean full = values <= BINS || seen >= (bins.size() + 1.0) * count / BINS;
      if (i == values - 1 || full) {
        bins.add(bin);
        bin = 0;
        edges.add(i == values - 1 ? max : Math.max(min, smallest(buckets[0][i + 1])));
      }
    }
    if (bins.size() > 1 && edges.get(edges.size() - 2).equals(max)) {
      // the largest value has a bin of its own, which needs a width
      edges.set(edges.size() - 1, Math.nextUp(max));
    }
    return new Histogram(edges, bins);
  }

  /** Keys in the order of their values, and their counts. */
  private long[][] ascending() {
    long[][] pairs = new long[used][];
    int next = 0;
    for (int i = 0; i < keys.length; i++) {
      if (counts[i] > 0) {
        pairs[next++] = new long[] {keys[i], counts[i]};
      }
    }
    Arrays.sort(pairs, (one, other) -> Long.compare(one[0], other[0]));
    long[][] columns = new long[2][used];
    for (int i = 0; i < used; i++) {
      columns[0][i] = pairs[i][0];
      columns[1][i] = pairs[i][1];
    }
    return columns;
  }

  private void collapse() {
    long[] oldKeys = keys;
    long[] oldCounts = counts;
    keys = new long[oldKeys.length];
    counts = new long[oldKeys.length];
    used = 0;
    shift++;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldCounts[i] > 0) {
        put(oldKeys[i] >> 1, oldCounts[i]);
      }
    }
  }

  private void put(long key, long times) {
    int place = place(key);
    if (counts[place] == 0) {
      keys[place] = key;
      used++;
    }
    counts[place] += times;
    if (2 * used > keys.length) {
      grow();
    }
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldCounts = counts;
    keys = new long[2 * oldKeys.length];
    counts = new long[2 * oldKeys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldCounts[i] > 0) {
        int place = place(oldKeys[i]);
        keys[place] = oldKeys[i];
        counts[place] = oldCounts[i];
      }
    }
  }

  private int place(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    int place = (int) (mixed >>> 32) & (keys.length - 1);
    while (counts[place] != 0 && keys[place] != key) {
      place = (place + 1) & (keys.length - 1);
    }
    return place;
  }

  private double smallest(long key) {
    return value(key << shift);
  }

  private double largest(long key) {
    return value((key << shift) | ((1L << shift) - 1));
  }

  /** The bits of a double, changed so that they sort as the numbers do. */
  private static long ordered(double value) {
    long bits = Double.doubleToRawLongBits(value);
    return bits ^ ((bits >> 63) & Long.MAX_VALUE);
  }

  private static double value(long ordered) {
    return Double.longBitsToDouble(ordered ^ ((ordered >> 63) & Long.MAX_VALUE));
  }
}
