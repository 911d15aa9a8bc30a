package winequality.data;

/** What an ingest does to the table. */
public enum IngestMode {
  /** The table holds exactly the source's rows. */
  REPLACE,
  /** Only the rows of files that the table does not have yet are added. */
  APPEND
}
