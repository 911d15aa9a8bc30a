package winequality.data.csv;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.TreeMap;

/**
 * What a task found in one block of a file, or the sum of all blocks of a file.
 *
 * <p>A tally travels among the rows that it counts, so it is right whatever Spark does with a task:
 * reading a block again brings both its rows and its tally again.
 */
public final class FileTally implements Serializable {
  private static final long serialVersionUID = 1L;
  final int file;
  final long start;

  /** All lines, including the header and blank ones. */
  long lines;

  /** Lines of separators only, which do not count as rows. */
  long separatorLines;

  /** Whether a line ends within quotes. */
  boolean open;

  /** For each block that was added: its start, and the lines of the blocks added before it. */
  final HashMap<Long, Long> linesBefore = new HashMap<>();

  public long accepted;
  public final TreeMap<String, Long> refused = new TreeMap<>();

  /** The first row that each rule refused. */
  public final TreeMap<String, Example> examples = new TreeMap<>();

  /** Where a row was refused, and why. */
  public record Example(long line, String reason) implements Serializable {}

  public final LineHash acceptedRows = new LineHash();
  public final LineHash refusedRows = new LineHash();

  /** What a {@link RowContent} adds. */
  final LineHash content = new LineHash();

  FileTally(int file, long start) {
    this.file = file;
    this.start = start;
  }

  void refused(Refusal refusal, long line, byte[] placed) {
    refused.merge(refusal.rule(), 1L, Long::sum);
    examples.putIfAbsent(refusal.rule(), new Example(line, refusal.reason()));
    refusedRows.add(placed);
  }

  /**
   * Equal for files with the same rows in any order. Described numbers count by their value, other
   * fields by their text under the name of their column. Line ends, separators, quotes and the
   * order of the columns do not count.
   */
  public String content() {
    LineHash all = new LineHash();
    all.add(acceptedRows);
    all.add(content);
    return all.text();
  }

  public long quarantined() {
    return refused.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Adds a block; blocks are added in the order of their starts. */
  void add(FileTally block) {
    linesBefore.put(block.start, lines);
    block.examples.forEach(
        (rule, first) -> examples.putIfAbsent(rule, new Example(lines + first.line, first.reason)));
    lines += block.lines;
    separatorLines += block.separatorLines;
    open |= block.open;
    accepted += block.accepted;
    acceptedRows.add(block.acceptedRows);
    block.refused.forEach((rule, rows) -> refused.merge(rule, rows, Long::sum));
    refusedRows.add(block.refusedRows);
    content.add(block.content);
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static FileTally ofBytes(byte[] serialised) {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(serialised))) {
      return (FileTally) in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
