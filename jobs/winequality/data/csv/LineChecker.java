package winequality.data.csv;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.jspecify.annotations.Nullable;
import scala.Tuple3;
import winequality.data.ColumnDescription;

/**
 * Turns the lines of files (bytes without line feed, file, start of the block) into checked rows:
 * one for each row of the source, and after each block its tally.
 *
 * <p>A row is a line, or several if a quoted field has line breaks. Lines are joined only if that
 * gives a row with the right number of fields within {@link #LONGEST_ROW} bytes; otherwise only the
 * first line is refused, so one stray quote costs one row.
 *
 * @param places index of each file in the list of layouts, by the text of its Hadoop path
 */
record LineChecker(
    List<ColumnDescription> columns,
    List<CsvLayout> layouts,
    Map<String, Integer> places,
    CheckedSource.Keep keep)
    implements MapPartitionsFunction<Tuple3<byte[], byte[], Long>, CheckedRow> {

  private static final int LONGEST_ROW = 1 << 20;

  /** The texts of every row of a data set without categories. */
  private static final @Nullable String[] NO_TEXTS = {};

  @Override
  public Iterator<CheckedRow> call(Iterator<Tuple3<byte[], byte[], Long>> incoming) {
    return new CheckedRows(incoming);
  }

  /** The lines of a block come in order and in one piece; a partition may hold several blocks. */
  private final class CheckedRows implements Iterator<CheckedRow> {
    private final Iterator<Tuple3<byte[], byte[], Long>> incoming;
    private final Deque<byte[]> putBack = new ArrayDeque<>();
    private final int categories =
        (int) columns.stream().filter(ColumnDescription::isCategory).count();
    // without such a column, a line of separators may be a row of missing values
    private final boolean needed =
        columns.isEmpty()
            || columns.stream().anyMatch(one -> one.isField() && !one.kind().mayBeMissing());
    // the first line of the next block, read ahead
    private @Nullable Tuple3<byte[], byte[], Long> ahead;
    private byte[] uri = new byte[0];
    private @Nullable FileTally tally;
    private @Nullable RowChecker rows;
    private @Nullable RowContent contents;
    private @Nullable CheckedRow next;
    private long line;

    CheckedRows(Iterator<Tuple3<byte[], byte[], Long>> incoming) {
      this.incoming = incoming;
      this.next = advance();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public CheckedRow next() {
      CheckedRow row = next;
      if (row == null) {
        throw new NoSuchElementException();
      }
      next = advance();
      return row;
    }

    private @Nullable CheckedRow advance() {
      while (true) {
        byte[] bytes = lineOfBlock();
        FileTally current = tally;
        RowChecker checker = rows;
        RowContent content = contents;
        if (bytes == null) {
          if (ahead == null && current == null) {
            return null;
          }
          enterNextBlock();
          if (current != null) {
            return new CheckedRow(CheckedRow.TALLY, current.file, null, null, current.toBytes());
          }
        } else if (current != null && checker != null && content != null) {
          line++;
          boolean header = current.start == 0 && line == 1;
          if (!header && !isBlank(bytes, ' ')) {
            if (!needed || !isBlank(bytes, checker.separator())) {
              return check(bytes, current, checker, content);
            }
            current.separatorLines++;
          }
        }
      }
    }

    private CheckedRow check(
        byte[] bytes, FileTally current, RowChecker checker, RowContent content) {
      byte[] raw = bytes;
      long first = line;
      double[] values = new double[columns.size()];
      @Nullable String[] texts = categories == 0 ? NO_TEXTS : new String[categories];
      Refusal refusal = checker.check(raw, withoutReturn(raw), values, texts);
      if (refusal != null && refusal.rule().equals(CsvLine.UNCLOSED)) {
        current.open = true;
        byte[] joined = joined(raw, checker);
        if (joined != null) {
          raw = joined;
          refusal = checker.check(raw, withoutReturn(raw), values, texts);
        }
      }
      if (refusal != null) {
        byte[] placed = new Refusal.Placed(refusal, raw, current.start, first).toBytes();
        current.refused(refusal, first, placed);
        content.addRefused(raw, withoutReturn(raw), current.content);
        return new CheckedRow(CheckedRow.REFUSED, current.file, null, null, placed);
      }
      current.accepted++;
      current.acceptedRows.add(values, texts);
      content.addAccepted(raw, withoutReturn(raw), values, texts, current.content);
      byte[] note = keep == CheckedSource.Keep.TEXT ? raw : null;
      return new CheckedRow(
          CheckedRow.ACCEPTED, current.file, values, categories == 0 ? null : texts, note);
    }

    /** The row that begins with a line and continues in the next ones; null if there is none. */
    private byte @Nullable [] joined(byte[] first, RowChecker checker) {
      List<byte[]> taken = new ArrayList<>(List.of(first));
      int size = first.length;
      while (size <= LONGEST_ROW) {
        byte[] more = lineOfBlock();
        if (more == null) {
          break;
        }
        taken.add(more);
        size += 1 + more.length;
        // only a line with an odd number of quotes can close the field
        if (hasOddQuotes(more)) {
          byte[] row = join(taken, size);
          if (checker.isRow(row, withoutReturn(row))) {
            line += taken.size() - 1;
            return row;
          }
          break;
        }
      }
      for (int i = taken.size() - 1; i > 0; i--) {
        putBack.addFirst(taken.get(i));
      }
      return null;
    }

    /** The next line of the current block; null at its end. */
    private byte @Nullable [] lineOfBlock() {
      byte[] again = putBack.pollFirst();
      if (again != null) {
        return again;
      }
      FileTally current = tally;
      if (ahead != null || !incoming.hasNext()) {
        return null;
      }
      Tuple3<byte[], byte[], Long> read = incoming.next();
      if (current == null || read._3() != current.start || !Arrays.equals(read._2(), uri)) {
        ahead = read;
        return null;
      }
      current.lines++;
      return read._1();
    }

    private void enterNextBlock() {
      Tuple3<byte[], byte[], Long> first = ahead;
      ahead = null;
      line = 0;
      if (first == null) {
        tally = null;
        return;
      }
      uri = first._2();
      // Spark's text is percent-encoded, and has one slash or three after "file:"
      String file = new Path(URI.create(new String(uri, StandardCharsets.UTF_8))).toString();
      Integer place = places.get(file);
      if (place == null) {
        throw new IllegalStateException(
            "File %s was added after the headers were read; files must not be added while the job reads"
                .formatted(file));
      }
      rows = new RowChecker(columns, layouts.get(place));
      contents = new RowContent(layouts.get(place));
      FileTally block = new FileTally(place, first._3());
      block.lines++;
      tally = block;
      putBack.addFirst(first._1());
    }
  }

  private static byte[] join(List<byte[]> lines, int size) {
    ByteBuffer row = ByteBuffer.allocate(size);
    for (byte[] line : lines) {
      row.put(line);
      if (row.hasRemaining()) {
        row.put((byte) '\n');
      }
    }
    return row.array();
  }

  private static boolean hasOddQuotes(byte[] line) {
    boolean odd = false;
    for (byte character : line) {
      odd ^= character == '"';
    }
    return odd;
  }

  static int withoutReturn(byte[] line) {
    return line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
  }

  private static boolean isBlank(byte[] line, char separator) {
    for (byte character : line) {
      if (character != ' ' && character != '\t' && character != '\r' && character != separator) {
        return false;
      }
    }
    return true;
  }
}
