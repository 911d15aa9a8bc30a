package winequality.mlflow;

import java.net.URI;

/**
 * One server: its address, without a slash at the end, where its credentials are and what to advise
 * when it refuses.
 */
record Endpoint(URI base, CredentialsSource credentials, Advice advice) {

  /** {@code base} + {@code /api/2.0/mlflow/} + the call's name, or + a path with a slash before. */
  URI api(String path) {
    return URI.create(base + (path.startsWith("/") ? "" : "/api/2.0/mlflow/") + path);
  }

  /** Whether a URI leads to this very server, so that credentials may go there. */
  boolean owns(URI uri) {
    return uri.getScheme().equalsIgnoreCase(base.getScheme())
        && uri.getHost() != null
        && uri.getHost().equalsIgnoreCase(base.getHost())
        && port(uri) == port(base);
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }
}
