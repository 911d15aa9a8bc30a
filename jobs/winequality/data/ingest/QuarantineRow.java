package winequality.data.ingest;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;
import winequality.data.csv.Refusal;

/** A refused row as the quarantine table has it. */
public final class QuarantineRow implements MapFunction<Tuple2<Integer, byte[]>, Row> {
  private static final long serialVersionUID = 1L;

  /**
   * {@code raw_bytes} is there where the row is no UTF-8, and {@code raw} therefore not all of it.
   */
  public static final StructType SCHEMA =
      new StructType()
          .add("rule", DataTypes.StringType)
          .add("column", DataTypes.StringType)
          .add("value", DataTypes.StringType)
          .add("reason", DataTypes.StringType)
          .add("raw", DataTypes.StringType)
          .add("raw_bytes", DataTypes.BinaryType)
          .add("file", DataTypes.StringType)
          .add("line", DataTypes.LongType);

  private final List<String> files;
  private final Map<Integer, Map<Long, Long>> linesBefore;

  /**
   * @param linesBefore lines of a file before each of its blocks, by place and start
   */
  public QuarantineRow(List<String> files, Map<Integer, Map<Long, Long>> linesBefore) {
    this.files = files;
    this.linesBefore = linesBefore;
  }

  @Override
  public Row call(Tuple2<Integer, byte[]> refused) {
    Refusal.Placed placed = Refusal.Placed.ofBytes(refused._2());
    Refusal refusal = placed.refusal();
    String raw = new String(placed.raw(), StandardCharsets.UTF_8);
    return RowFactory.create(
        refusal.rule(),
        refusal.column(),
        refusal.value(),
        refusal.reason(),
        raw.endsWith("\r") ? raw.substring(0, raw.length() - 1) : raw,
        isText(placed.raw()) ? null : placed.raw(),
        files.get(refused._1()),
        placed.line() + before(refused._1(), placed.start()));
  }

  private long before(int file, long start) {
    Map<Long, Long> blocks = linesBefore.get(file);
    @Nullable Long lines = blocks == null ? null : blocks.get(start);
    if (lines == null) {
      throw new IllegalStateException(
          "A row of %s at %d has no block".formatted(files.get(file), start));
    }
    return lines;
  }

  private static boolean isText(byte[] raw) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
