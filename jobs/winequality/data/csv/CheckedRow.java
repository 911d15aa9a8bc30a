package winequality.data.csv;

import org.jspecify.annotations.Nullable;

/**
 * A row of a source after its check, or the tally of a block. Public and with getters, because the
 * code that Spark generates calls them.
 */
public final class CheckedRow {

  static final int ACCEPTED = 0;
  static final int REFUSED = 1;
  static final int TALLY = 2;

  private final int kind;
  private final int file;
  private final double @Nullable [] values;
  private final @Nullable String @Nullable [] texts;
  private final byte @Nullable [] note;

  /** Copies no array. */
  CheckedRow(
      int kind,
      int file,
      double @Nullable [] values,
      @Nullable String @Nullable [] texts,
      byte @Nullable [] note) {
    this.kind = kind;
    this.file = file;
    this.values = values;
    this.texts = texts;
    this.note = note;
  }

  public int getKind() {
    return kind;
  }

  public int getFile() {
    return file;
  }

  /**
   * The values of an accepted row, in the order of the data set's columns; null for others. NaN for
   * a gap, 0 for a category.
   */
  public double @Nullable [] getValues() {
    return values;
  }

  /**
   * The texts of an accepted row's categories, in their order, null for a missing one; null for
   * other rows and without categories.
   */
  public @Nullable String @Nullable [] getTexts() {
    return texts;
  }

  /** A {@link Refusal.Placed}, a {@link FileTally}, or an accepted row's text if it was wanted. */
  public byte @Nullable [] getNote() {
    return note;
  }
}
