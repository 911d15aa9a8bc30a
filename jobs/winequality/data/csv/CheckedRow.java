package winequality.data.csv;

import org.jspecify.annotations.Nullable;

/**
 * A row of a source after its check, or the tally of a block.
 *
 * <p>Public and with getters, because the code that Spark generates calls them.
 */
public final class CheckedRow {

  static final int ACCEPTED = 0;
  static final int REFUSED = 1;
  static final int TALLY = 2;

  private final int kind;
  private final int file;
  private final double @Nullable [] values;
  private final byte @Nullable [] note;

  private CheckedRow(int kind, int file, double @Nullable [] values, byte @Nullable [] note) {
    this.kind = kind;
    this.file = file;
    this.values = values;
    this.note = note;
  }

  /**
   * @param values not copied
   * @param text of the row, if it is wanted; not copied
   */
  static CheckedRow accepted(int file, double[] values, byte @Nullable [] text) {
    return new CheckedRow(ACCEPTED, file, values, text);
  }

  /**
   * @param placed a {@link Refusal.Placed}; not copied
   */
  static CheckedRow refused(int file, byte[] placed) {
    return new CheckedRow(REFUSED, file, null, placed);
  }

  static CheckedRow tally(FileTally block) {
    return new CheckedRow(TALLY, block.file, null, block.toBytes());
  }

  /** {@link #ACCEPTED}, {@link #REFUSED} or {@link #TALLY}. */
  public int getKind() {
    return kind;
  }

  /** The place of the file in the source. */
  public int getFile() {
    return file;
  }

  /** Of an accepted row, in the order of the data set's columns. */
  public double @Nullable [] getValues() {
    return values;
  }

  /**
   * Of a refused row a {@link Refusal.Placed}, of a tally a {@link FileTally}, of an accepted row
   * its text if it was wanted; as bytes.
   */
  public byte @Nullable [] getNote() {
    return note;
  }
}
