package winequality.mlflow;

import java.net.URI;

/**
 * A workspace and the way to be let in.
 *
 * @param source where the login comes from, for a message; never its value
 */
public record WorkspaceLogin(URI host, CredentialsSource credentials, String source) {

  public Endpoint endpoint() {
    return Endpoint.ofMlflow(host, credentials, Advice.workspace(source));
  }
}
