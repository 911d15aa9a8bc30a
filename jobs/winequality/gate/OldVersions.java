package winequality.gate;

/** What becomes of versions beyond {@code registry.keep-versions}. */
public enum OldVersions {
  /** They are marked: stage Archived, or the tag {@code archived} where there are no stages. */
  ARCHIVE,
  /** They are deleted from the registry; their runs stay. */
  DELETE
}
