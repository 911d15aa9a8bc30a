package winequality.mlflow;

/**
 * The credentials of the moment. It is asked before every single request, so that a token which
 * expires during a long job is replaced by the source and by nobody else.
 */
@FunctionalInterface
public interface CredentialsSource {
  /** What the next request is sent with. */
  Credentials current();
}
