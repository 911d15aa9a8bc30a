package winequality.data;

/**
 * What became of the rows of a source; every row that was read is accepted or quarantined.
 *
 * @param read rows of the source, without headers and blank lines
 * @param accepted rows of the accepted table
 * @param quarantined rows of the quarantine table
 * @param duplicates accepted rows that are equal to another one in all columns, less one of each
 *     kind
 */
public record RowCounts(long read, long accepted, long quarantined, long duplicates) {
  public RowCounts {
    if (read != accepted + quarantined) {
      throw new IllegalArgumentException(
          "Rows were lost: %d read, but %d accepted and %d quarantined"
              .formatted(read, accepted, quarantined));
    }
  }

  /** The share of refused rows, 0 to 1; 0 for a source without rows. */
  public double quarantinedFraction() {
    return read == 0 ? 0.0 : (double) quarantined / read;
  }
}
