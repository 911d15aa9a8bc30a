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

  /** Neither the values nor the row's text, which is null unless it is wanted, are copied. */
  static CheckedRow accepted(int file, double[] values, byte @Nullable [] text) {
    return new CheckedRow(ACCEPTED, file, values, text);
  }

  /** A refused row; its {@link Refusal.Placed} is not copied. */
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

  /** The index of the file in the source. */
  public int getFile() {
    return file;
  }

  /** The values of an accepted row, in the order of the data set's columns; null for others. */
  public double @Nullable [] getValues() {
    return values;
  }

  /**
   * The {@link Refusal.Placed} of a refused row, the {@link FileTally} of a block, or the text of
   * an accepted row, if it was wanted.
   */
  public byte @Nullable [] getNote() {
    return note;
  }
}
