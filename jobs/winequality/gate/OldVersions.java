package winequality.gate;

/** How the job treats versions beyond {@code registry.keep-versions}. */
public enum OldVersions {
  /** They get the stage Archived, or the tag {@code archived} if the registry has no stages. */
  ARCHIVE,
  /** They are deleted from the registry; their runs stay. */
  DELETE
}
