package winequality.data.csv;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a task found in one block of a file, or, added up, all tasks in all blocks.
 *
 * <p>It travels among the rows that it counts, so it is right whatever Spark does with a task: a
 * block that is read again brings its rows and its tally again.
 */
public final class FileTally {

  /** Place of the file among those of the source. */
  final int file;

  /** Where the block begins in the file. */
  final long start;

  /** Lines, the header and blank ones among them. */
  long lines;

  /** Whether a line ends within quotes. */
  boolean open;

  /** Blocks that were added up. */
  int blocks = 1;

  public long accepted;
  public final LineHash acceptedRows = new LineHash();
  public final Map<String, Long> refused = new TreeMap<>();
  public final LineHash refusedRows = new LineHash();

  /** All lines, in any order. */
  public final LineHash content = new LineHash();

  FileTally(int file, long start) {
    this.file = file;
    this.start = start;
  }

  public void refused(String rule, byte[] raw) {
    refused.merge(rule, 1L, Long::sum);
    refusedRows.add(raw, raw.length);
  }

  public long quarantined() {
    return refused.values().stream().mapToLong(Long::longValue).sum();
  }

  void add(FileTally other) {
    lines += other.lines;
    open |= other.open;
    blocks += other.blocks;
    accepted += other.accepted;
    acceptedRows.add(other.acceptedRows);
    other.refused.forEach((rule, rows) -> refused.merge(rule, rows, Long::sum));
    refusedRows.add(other.refusedRows);
    content.add(other.content);
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytesOut = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytesOut)) {
      out.writeInt(file);
      out.writeLong(start);
      out.writeLong(lines);
      out.writeBoolean(open);
      out.writeLong(accepted);
      write(out, acceptedRows);
      write(out, refusedRows);
      write(out, content);
      out.writeInt(refused.size());
      for (Map.Entry<String, Long> rule : refused.entrySet()) {
        out.writeUTF(rule.getKey());
        out.writeLong(rule.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytesOut.toByteArray();
  }

  static FileTally ofBytes(byte[] serialised) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialised))) {
      FileTally tally = new FileTally(in.readInt(), in.readLong());
      tally.lines = in.readLong();
      tally.open = in.readBoolean();
      tally.accepted = in.readLong();
      tally.acceptedRows.add(new LineHash(in.readLong(), in.readLong()));
      tally.refusedRows.add(new LineHash(in.readLong(), in.readLong()));
      tally.content.add(new LineHash(in.readLong(), in.readLong()));
      for (int rules = in.readInt(); rules > 0; rules--) {
        tally.refused.put(in.readUTF(), in.readLong());
      }
      return tally;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(DataOutputStream out, LineHash hash) throws IOException {
    out.writeLong(hash.one());
    out.writeLong(hash.other());
  }
}
