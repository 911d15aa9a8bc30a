package winequality.data.ingest;

/**
 * What became of the rows that an ingest has read; every one is accepted or quarantined.
 *
 * @param read rows of the source, without headers and blank lines
 * @param accepted rows that passed the checks
 * @param quarantined rows that did not
 */
public record RowCounts(long read, long accepted, long quarantined) {
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
