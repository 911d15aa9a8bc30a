package sparkmlflow.databricks;

import java.net.URI;
import sparkmlflow.wire.Advice;
import sparkmlflow.wire.CredentialsSource;
import sparkmlflow.wire.Endpoint;

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
