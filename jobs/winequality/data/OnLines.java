package winequality.data;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.sql.Row;

/** Picks accepted rows of one file by the line on which they begin. */
final class OnLines implements FilterFunction<Row> {
  private static final long serialVersionUID = 1L;

  private final String noteColumn;
  private final Map<Long, Long> linesBefore;
  private final Set<Long> lines;

  /**
   * @param noteColumn has what {@link #note} made
   * @param linesBefore lines of the file before each of its blocks, by the block's start
   */
  OnLines(String noteColumn, Map<Long, Long> linesBefore, Set<Long> lines) {
    this.noteColumn = noteColumn;
    this.linesBefore = linesBefore;
    this.lines = lines;
  }

  /** Where an accepted row is: its block's start, and its line in that block. */
  static byte[] note(long start, long line) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(start).putLong(line).array();
  }

  @Override
  public boolean call(Row row) {
    ByteBuffer note = ByteBuffer.wrap(row.<byte[]>getAs(noteColumn));
    Long before = linesBefore.get(note.getLong());
    return before != null && lines.contains(before + note.getLong());
  }
}
