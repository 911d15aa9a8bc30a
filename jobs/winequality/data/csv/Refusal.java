package winequality.data.csv;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import winequality.SafeText;

/**
 * Why a row is refused.
 *
 * @param rule short name of the first rule that the row breaks
 * @param column at fault, with its value; both are null if it is the whole row
 */
record Refusal(String rule, @Nullable String column, @Nullable String value, String reason) {

  static final StructType SCHEMA =
      StructType.fromDDL("`rule` STRING, `column` STRING, `value` STRING, `reason` STRING");

  /** Value and reason show at most so many characters of a value; the raw text has all of it. */
  private static final int SHOWN = 100;

  static Refusal ofRow(String rule, String reason) {
    return new Refusal(rule, null, null, reason);
  }

  /** The reason begins with column and value and ends with what the value must be. */
  static Refusal ofValue(String how, String column, String value, String must) {
    String shown = SafeText.shortened(value, SHOWN);
    String reason =
        value.isEmpty()
            ? "%s is empty"
            : CsvNumber.isNumeric(value) ? "%s is %s; %s" : "%s is \"%s\"; %s";
    return new Refusal(
        column.strip().replace(' ', '-') + "-" + how,
        column,
        shown,
        reason.formatted(column, shown, must));
  }

  /** A refusal with the place of the row in the file and in its block. */
  static final class Placed {
    final Refusal refusal;

    /** The bytes of the row without its last line feed; not copied. */
    final byte[] raw;

    final long start;

    /** First line of the row in the block, counted from 1. */
    final long line;

    Placed(Refusal refusal, byte[] raw, long start, long line) {
      this.refusal = refusal;
      this.raw = raw;
      this.start = start;
      this.line = line;
    }

    /** The refusal as bytes; the quarantine's fingerprint is made of them. */
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

    static Placed ofBytes(byte[] serialised) {
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialised))) {
        String rule = requireNonNull(text(in));
        Refusal refusal = new Refusal(rule, text(in), text(in), requireNonNull(text(in)));
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

    private static @Nullable String text(DataInputStream in) throws IOException {
      int length = in.readInt();
      return length < 0 ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
  }
}
