package winequality.data;

/**
 * How many rows an ingest read; each one is either accepted or quarantined.
 *
 * @param read rows of the source, without headers, blank lines and lines of separators only
 */
public record RowCounts(long read, long accepted, long quarantined) {
  public RowCounts {
    if (read != accepted + quarantined) {
      throw new IllegalArgumentException(
          "Rows were lost: %d read, but %d accepted and %d quarantined"
              .formatted(read, accepted, quarantined));
    }
  }

  /** The share of quarantined rows, 0 to 1; 0 for a source without rows. */
  public double quarantinedFraction() {
    return read == 0 ? 0.0 : (double) quarantined / read;
  }
}
