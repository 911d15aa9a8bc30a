package sparkmlflow.wire;

/**
 * Supplies the current credentials. Every request asks for them, so that the source alone replaces
 * a token that expires during a long job.
 */
@FunctionalInterface
public interface CredentialsSource {
  /** The credentials of the next request. */
  Credentials current();

  /**
   * Whether the credentials have changed since a server refused those given, so a retry may help.
   */
  default boolean renewed(Credentials refused) {
    return !current().equals(refused);
  }
}
