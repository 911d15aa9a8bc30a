package sparkmlflow.wire;

/**
 * Supplies the current credentials. Every request asks for them, so that the source alone replaces
 * a token that expires during a long job.
 */
@FunctionalInterface
public interface CredentialsSource {
  Credentials current();

  /** Whether they differ from those that a server refused, so a retry may help. */
  default boolean renewed(Credentials refused) {
    return !current().equals(refused);
  }
}
