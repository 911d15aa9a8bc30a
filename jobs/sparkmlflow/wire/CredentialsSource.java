package sparkmlflow.wire;

/**
 * The credentials of the moment. It is asked before every single request, so that a token which
 * expires during a long job is replaced by the source and by nobody else.
 */
@FunctionalInterface
public interface CredentialsSource {
  /** What the next request is sent with. */
  Credentials current();

  /**
   * Whether there are others now than those that a server has just refused, so that it is worth
   * while to send the request once more.
   */
  default boolean renewed(Credentials refused) {
    return !current().equals(refused);
  }
}
