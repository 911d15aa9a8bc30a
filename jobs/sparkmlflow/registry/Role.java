package sparkmlflow.registry;

/** The role of a version. */
public enum Role {
  /** The newest registered version; it may also be the champion. */
  CHALLENGER,
  /** The version in production. */
  CHAMPION,
  /** The version that was in production before, for a rollback. */
  PREVIOUS
}
