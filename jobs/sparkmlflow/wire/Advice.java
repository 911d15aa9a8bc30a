package sparkmlflow.wire;

/**
 * What a person can do when a call fails, which differs by whose server it is.
 *
 * @param addressSetting where the server's address is set
 * @param login after a login that is missing, wrong or expired
 * @param permission after a login that is known but may not do this
 * @param down when nobody takes the connection
 */
public record Advice(String addressSetting, String login, String permission, String down) {

  public static final Advice MLFLOW_SERVER =
      new Advice(
          "the tracking URI",
          "The login is missing or wrong: set MLFLOW_TRACKING_USERNAME and"
              + " MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.",
          "The login is known but may not do this, or the server does not accept this host name"
              + " (mlflow server --allowed-hosts): ask for the permission, or use another login.",
          "Is the server up? `mlflow server` starts one.");

  static final Advice SIGNED_URL =
      new Advice(
          "the storage behind the workspace",
          "The signed address was not accepted, nor was a fresh one.",
          "The signed address was not accepted, nor was a fresh one: a firewall of the storage"
              + " account or a bucket policy may keep this network out.",
          "May this network reach the storage, not only the workspace?");

  /** For a workspace, whose login came from a source with that name. */
  public static Advice workspace(String source) {
    return new Advice(
        "DATABRICKS_HOST or the profile's host",
        "The workspace does not accept the login from "
            + source
            + ": the token or secret is wrong, expired or revoked, or belongs to another workspace."
            + " Make a new one and set it there.",
        "The login from "
            + source
            + " is known but may not do this: ask for the permission on the experiment, model,"
            + " catalog or schema, or check the workspace's IP access list.",
        "Is it the right workspace, and may this network reach it? A proxy is set with"
            + " -Dhttps.proxyHost and -Dhttps.proxyPort.");
  }

  /** For the OAuth server of a workspace. */
  public static Advice oauth(String source) {
    return new Advice(
        "DATABRICKS_HOST or the profile's host",
        "The client id or secret from "
            + source
            + " is wrong or expired, or the service principal is not in this workspace.",
        "The service principal from " + source + " may not log in to this workspace.",
        "Is it the right workspace, and may this network reach it? A proxy is set with"
            + " -Dhttps.proxyHost and -Dhttps.proxyPort.");
  }
}
