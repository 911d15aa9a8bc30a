package winequality.data.profile;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import winequality.data.ColumnDescription;

/**
 * A mergeable summary of one column's values, made in one pass.
 *
 * <p>Values are counted in buckets. A bucket is one value while there are at most {@link #BUCKETS}
 * different ones; beyond that, neighbouring buckets are joined in pairs. Buckets are ranges of the
 * double's bits in the order of the numbers, so they are narrow where numbers are small. They do
 * not depend on how the values were divided among merged sketches, so neither does the result.
 *
 * @see <a href="https://arxiv.org/abs/2004.08604">Epicoco et al. (2020), UDDSketch</a> for the
 *     uniform collapse
 */
final class ColumnSketch {

  static final int BUCKETS = 1 << 14;

  /** Most bins of a histogram; up to so many values have a bin each. */
  private static final int BINS = 20;

  private static final int SMALLEST_TABLE = 64;

  private long nulls;
  private long count;
  private double mean;

  /** Σ (value − mean)²: raw squares cancel where values vary in the third decimal. */
  private double squares;

  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  // buckets by hash; a slot is free if its count is 0
  private int shift;
  private int used;
  private long[] keys = new long[SMALLEST_TABLE];
  private long[] counts = new long[SMALLEST_TABLE];

  /** A value that is not finite counts as missing. */
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
    add(ordered(value) >> shift, 1);
  }

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
        add(other.keys[i] >> (shift - other.shift), other.counts[i]);
      }
    }
  }

  private void add(long key, long times) {
    put(key, times);
    while (used > BUCKETS) {
      collapse();
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
        histogram(buckets),
        List.of());
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

  /** Bounds of the quantile: the smallest and largest value of its bucket. */
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
      // the largest value has a separate bin, which needs a width
      edges.set(edges.size() - 1, Math.nextUp(max));
    }
    return new Histogram(edges, bins);
  }

  /** Keys in the order of their values, and their counts. */
  private long[][] ascending() {
    long[][] pairs =
        IntStream.range(0, keys.length)
            .filter(i -> counts[i] > 0)
            .mapToObj(i -> new long[] {keys[i], counts[i]})
            .sorted(Comparator.comparingLong(pair -> pair[0]))
            .toArray(long[][]::new);
    return new long[][] {
      Arrays.stream(pairs).mapToLong(pair -> pair[0]).toArray(),
      Arrays.stream(pairs).mapToLong(pair -> pair[1]).toArray()
    };
  }

  private void collapse() {
    shift++;
    rehash(keys.length, 1);
  }

  private void put(long key, long times) {
    int place = place(key);
    if (counts[place] == 0) {
      keys[place] = key;
      used++;
    }
    counts[place] += times;
    if (2 * used > keys.length) {
      rehash(2 * keys.length, 0);
    }
  }

  private void rehash(int size, int bits) {
    long[] oldKeys = keys;
    long[] oldCounts = counts;
    keys = new long[size];
    counts = new long[size];
    used = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldCounts[i] > 0) {
        put(oldKeys[i] >> bits, oldCounts[i]);
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

  /** The bits of a double, changed to sort like the numbers. */
  private static long ordered(double value) {
    long bits = Double.doubleToRawLongBits(value);
    return bits ^ ((bits >> 63) & Long.MAX_VALUE);
  }

  private static double value(long ordered) {
    return Double.longBitsToDouble(ordered ^ ((ordered >> 63) & Long.MAX_VALUE));
  }
}
