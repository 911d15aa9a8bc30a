package winequality.data.profile;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Hashes of rows, by which distinct rows are counted; each of {@link #PARTS} parts has those of one
 * range.
 *
 * <p>A hash has 64 bits. Among 10⁹ distinct rows two have the same one with a probability of 3 %;
 * the count is then 1 too low.
 */
final class RowHashes {

  /** Of 10¹¹ rows, a part has 400 MB of hashes. */
  static final int PARTS = 2048;

  private static final int PART_SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(PARTS);

  private long[] hashes = new long[64];
  private int used;

  void add(double[] row) {
    long hash = 0;
    for (double value : row) {
      // one zero and one NaN only
      hash = mixed(hash ^ Double.doubleToLongBits(value + 0.0));
    }
    append(hash);
  }

  /** Sebastiano Vigna's splitmix64 (2015), public domain: it is one to one. */
  private static long mixed(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private void append(long hash) {
    if (used == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * used);
    }
    hashes[used++] = hash;
  }

  int rows() {
    return used;
  }

  /** Sorts the hashes and keeps each once. */
  private void sort() {
    Arrays.sort(hashes, 0, used);
    int distinct = 0;
    for (int i = 0; i < used; i++) {
      if (i == 0 || hashes[i] != hashes[i - 1]) {
        hashes[distinct++] = hashes[i];
      }
    }
    used = distinct;
  }

  /** The hashes of each part that has any, each hash once; nothing is left. */
  Map<Integer, byte[]> takeParts() {
    sort();
    Map<Integer, byte[]> parts = new LinkedHashMap<>();
    int start = 0;
    for (int i = 1; i <= used; i++) {
      int part = (int) (hashes[start] >>> PART_SHIFT);
      if (i == used || (int) (hashes[i] >>> PART_SHIFT) != part) {
        ByteBuffer bytes = ByteBuffer.allocate((i - start) * Long.BYTES);
        bytes.asLongBuffer().put(hashes, start, i - start);
        parts.put(part, bytes.array());
        start = i;
      }
    }
    used = 0;
    return parts;
  }

  /** The number of distinct hashes of one part. */
  static int distinct(Stream<byte[]> hashes) {
    RowHashes all = new RowHashes();
    hashes.forEach(
        bytes -> {
          int rows = bytes.length / Long.BYTES;
          if (all.used + rows > all.hashes.length) {
            all.hashes = Arrays.copyOf(all.hashes, Math.max(2 * all.used, all.used + rows));
          }
          ByteBuffer.wrap(bytes).asLongBuffer().get(all.hashes, all.used, rows);
          all.used += rows;
        });
    all.sort();
    return all.used;
  }
}
