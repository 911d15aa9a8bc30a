package winequality.data.csv;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * Makes a row of the quarantine table from a refused row.
 *
 * @param linesBefore lines of a file before each of its blocks, by index and start
 */
record QuarantineRow(List<String> files, Map<Integer, Map<Long, Long>> linesBefore)
    implements MapFunction<Tuple2<Integer, byte[]>, Row> {

  /** {@code raw_bytes} is null unless the row is not UTF-8, so that {@code raw} is incomplete. */
  static final StructType SCHEMA =
      Refusal.SCHEMA
          .add("raw", DataTypes.StringType)
          .add("raw_bytes", DataTypes.BinaryType)
          .add("file", DataTypes.StringType)
          .add("line", DataTypes.LongType);

  @Override
  public Row call(Tuple2<Integer, byte[]> refused) {
    Refusal.Placed placed = Refusal.Placed.ofBytes(refused._2());
    Refusal refusal = placed.refusal;
    String raw = new String(placed.raw, StandardCharsets.UTF_8);
    return RowFactory.create(
        refusal.rule(),
        refusal.column(),
        refusal.value(),
        refusal.reason(),
        raw.endsWith("\r") ? raw.substring(0, raw.length() - 1) : raw,
        Arrays.equals(raw.getBytes(StandardCharsets.UTF_8), placed.raw) ? null : placed.raw,
        files.get(refused._1()),
        placed.line + before(refused._1(), placed.start));
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
}
