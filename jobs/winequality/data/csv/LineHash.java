package winequality.data.csv;

import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A sum of 128-bit hashes, which does not depend on their order. Different contents collide with a
 * probability of about 2⁻¹²⁸, unless somebody chooses them to: it is not cryptographic.
 */
public final class LineHash implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONE = 0x9E3779B97F4A7C15L;
  private static final long OTHER = 0xC2B2AE3D27D4EB4FL;

  private long one;
  private long other;

  void add(byte[] bytes) {
    add(bytes, 0, bytes.length, 0);
  }

  /** The bytes between two positions; equal ones differ under different seeds. */
  void add(byte[] bytes, int from, int to, long seed) {
    int length = to - from;
    long a = ONE ^ length ^ seed;
    long b = OTHER + length + seed;
    int position = from;
    for (; position + Long.BYTES <= to; position += Long.BYTES) {
      long word = (long) LONGS.get(bytes, position);
      a = mixed((a ^ word) * ONE);
      b = mixed((b ^ word) * OTHER);
    }
    long rest = 0;
    for (; position < to; position++) {
      rest = (rest << 8) | (bytes[position] & 0xFF);
    }
    sum(mixed((a ^ rest) * ONE), mixed((b ^ rest) * OTHER));
  }

  /** −0.0 counts as 0.0; a missing text differs from every text, as a NaN from every number. */
  void add(double[] values, @Nullable String[] texts) {
    long a = ONE;
    long b = OTHER;
    for (double value : values) {
      long word = Double.doubleToRawLongBits(value + 0.0);
      a = mixed((a ^ word) * ONE);
      b = mixed((b ^ word) * OTHER);
    }
    for (String text : texts) {
      int length = text == null ? -1 : text.length();
      for (int i = -1; i < Math.max(0, length); i++) {
        long word = i < 0 || text == null ? length : text.charAt(i);
        a = mixed((a ^ word) * ONE);
        b = mixed((b ^ word) * OTHER);
      }
    }
    sum(a, b);
  }

  public void add(LineHash hash) {
    one += hash.one;
    other += hash.other;
  }

  /** Adds a hash as one thing, not its parts: which parts belong together then matters. */
  void addWhole(LineHash hash) {
    sum(mixed(hash.one * ONE), mixed(hash.other * OTHER));
  }

  static long seed(String name) {
    LineHash hash = new LineHash();
    hash.add(name.getBytes(StandardCharsets.UTF_8));
    return hash.one;
  }

  /** 32 hexadecimal digits. */
  public String text() {
    return "%016x%016x".formatted(one, other);
  }

  private void sum(long a, long b) {
    one += mixed(a * OTHER);
    other += mixed(b * ONE);
  }

  private static long mixed(long bits) {
    return bits ^ (bits >>> 29) ^ (bits >>> 43);
  }
}
