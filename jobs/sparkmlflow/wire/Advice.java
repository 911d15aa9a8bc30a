package sparkmlflow.wire;

/**
 * What to do after a failed call: the settings of the server's address and of the authorities that
 * are trusted, and sentences for a login that is missing, wrong or expired, for a lack of
 * permission, and for a refused connection.
 */
public record Advice(
    String addressSetting, String trust, String login, String permission, String down) {

  private static final String BUNDLE = "REQUESTS_CA_BUNDLE or SSL_CERT_FILE";

  public static final Advice MLFLOW_SERVER =
      new Advice(
          "the tracking URI",
          "MLFLOW_TRACKING_SERVER_CERT_PATH",
          "The login is missing or wrong: set MLFLOW_TRACKING_USERNAME and"
              + " MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.",
          "The login may not do this: ask for the permission, or use another login.",
          "Is the server up? `mlflow server` starts one.");

  static final Advice SIGNED_URL =
      new Advice(
          "the storage behind the workspace",
          BUNDLE,
          "The storage accepted neither the signed address nor a fresh one.",
          "The storage accepted neither the signed address nor a fresh one: a firewall of the storage"
              + " account or a bucket policy may block this network.",
          "May this network reach the storage, not only the workspace?");

  /** For a server to which no login is sent. */
  public static final Advice WITHOUT_LOGIN =
      new Advice(
          MLFLOW_SERVER.addressSetting(),
          MLFLOW_SERVER.trust(),
          MLFLOW_SERVER.login(),
          "No login was sent, and without one this is not allowed: set MLFLOW_TRACKING_USERNAME and"
              + " MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.",
          MLFLOW_SERVER.down());

  private static final String WORKSPACE_ADDRESS = "DATABRICKS_HOST or the profile's host";
  private static final String WORKSPACE_DOWN =
      "Is it the right workspace, and may this network reach it? A proxy is set with HTTPS_PROXY.";

  /** For a workspace, whose login came from a source with that name. */
  public static Advice workspace(String source) {
    return new Advice(
        WORKSPACE_ADDRESS,
        BUNDLE,
        "The workspace does not accept the login from %s: the token or secret is wrong, expired or revoked, or belongs to another workspace. Make a new one and set it there."
            .formatted(source),
        "The login from %s is known but may not do this: ask for the permission on the experiment, model, catalog or schema, or check the workspace's IP access list."
            .formatted(source),
        WORKSPACE_DOWN);
  }

  public static Advice oauth(String source) {
    return new Advice(
        WORKSPACE_ADDRESS,
        BUNDLE,
        "The client id or secret from %s is wrong or expired, or the service principal is not in this workspace."
            .formatted(source),
        "The service principal from " + source + " may not log in to this workspace.",
        WORKSPACE_DOWN);
  }
}
