package winequality.data.csv;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Why a row is refused.
 *
 * @param rule short name of the rule that the row breaks first
 * @param column at fault; null if it is the whole row
 * @param value at fault; null if it is the whole row
 * @param reason a sentence
 */
public record Refusal(String rule, @Nullable String column, @Nullable String value, String reason) {

  /** A value longer than this is shortened in value and reason; the raw text has all of it. */
  private static final int SHOWN = 100;

  static Refusal ofRow(String rule, String reason) {
    return new Refusal(rule, null, null, reason);
  }

  /**
   * @param must what the value must be, as the end of the sentence that begins with column and
   *     value
   */
  static Refusal ofValue(String how, String column, String value, String must) {
    String shown = value.length() > SHOWN ? value.substring(0, SHOWN) + "…" : value;
    return new Refusal(
        column.strip().replace(' ', '-') + "-" + how,
        column,
        shown,
        value.isEmpty()
            ? column + " is empty"
            : (CsvNumber.isNumeric(value) ? "%s is %s; %s" : "%s is \"%s\"; %s")
                .formatted(column, shown, must));
  }

  /** A refusal with its row and place. */
  public static final class Placed {
    private final Refusal refusal;
    private final byte[] raw;
    private final long start;
    private final long line;

    /**
     * @param raw the bytes of the row, without the end of its last line; not copied
     * @param start of the block
     * @param line in the block, counted from 1
     */
    Placed(Refusal refusal, byte[] raw, long start, long line) {
      this.refusal = refusal;
      this.raw = raw;
      this.start = start;
      this.line = line;
    }

    public Refusal refusal() {
      return refusal;
    }

    public byte[] raw() {
      return raw;
    }

    public long start() {
      return start;
    }

    public long line() {
      return line;
    }

    byte[] toBytes() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length + 200);
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        write(out, refusal.rule());
        write(out, refusal.column());
        write(out, refusal.value());
        write(out, refusal.reason());
        out.writeInt(raw.length);
        out.write(raw);
        out.writeLong(start);
        out.writeLong(line);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }

    public static Placed ofBytes(byte[] serialised) {
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialised))) {
        Refusal refusal = new Refusal(text(in), nullable(in), nullable(in), text(in));
        return new Placed(refusal, in.readNBytes(in.readInt()), in.readLong(), in.readLong());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void write(DataOutputStream out, @Nullable String text) throws IOException {
      byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(text == null ? -1 : bytes.length);
      out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
      return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static @Nullable String nullable(DataInputStream in) throws IOException {
      int length = in.readInt();
      return length < 0 ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
  }
}
