package sparkmlflow.registry;

/** What a version can be to those who use the model. */
public enum Role {
  /** The newest version that was registered; it may be the champion too. */
  CHALLENGER,
  /** The version in production. */
  CHAMPION,
  /** The version that was in production before; a rollback goes there. */
  PREVIOUS
}
