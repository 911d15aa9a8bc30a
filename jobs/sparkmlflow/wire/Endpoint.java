package sparkmlflow.wire;

import java.net.URI;
import java.util.Map;

/**
 * A server's address without a final slash, its login, further headers and advice, and the path of
 * its calls.
 */
public record Endpoint(
    URI base,
    Credentials.Source credentials,
    Map<String, String> headers,
    Advice advice,
    String apiRoot) {

  private static final String WORKSPACE = "X-MLFLOW-WORKSPACE";

  public static Endpoint ofMlflow(URI base, Credentials.Source credentials, Advice advice) {
    return new Endpoint(base, credentials, Map.of(), advice, "/api/2.0/mlflow/");
  }

  /** The same for a workspace of a server that has several; empty: the server's default. */
  public Endpoint inWorkspace(String workspace) {
    return new Endpoint(
        base,
        credentials,
        workspace.isEmpty() ? Map.of() : Map.of(WORKSPACE, workspace),
        advice,
        apiRoot);
  }

  /** A page of MLflow's UI, in its view for model training. */
  public String page(String path) {
    String workspace = headers.getOrDefault(WORKSPACE, "");
    return "%s/#/%s?workflowType=machine_learning%s"
        .formatted(base, path, workspace.isEmpty() ? "" : "&workspace=" + workspace);
  }

  public Endpoint under(String otherRoot) {
    return new Endpoint(base, credentials, headers, advice, otherRoot);
  }

  /** The address of a call by its name, or of a path that begins with a slash. */
  public URI api(String path) {
    return URI.create(base + (path.startsWith("/") ? "" : apiRoot) + path);
  }

  /** Whether a URI leads to this server, so that its credentials may be sent there. */
  public boolean owns(URI uri) {
    return uri.getScheme().equalsIgnoreCase(base.getScheme())
        && uri.getHost() != null
        && uri.getHost().equalsIgnoreCase(base.getHost())
        && port(uri) == port(base);
  }

  static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }
}
