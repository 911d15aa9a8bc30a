package winequality.data.ingest;

/** What taking a source in does to the table. */
public enum IngestMode {
  /** The table holds exactly the source's rows. */
  REPLACE,
  /** The rows of files that are not in the table yet are added. */
  APPEND
}
