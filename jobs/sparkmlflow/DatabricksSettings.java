package sparkmlflow;

import java.util.ArrayList;
import java.util.List;
import sparkmlflow.wire.Secrets;
import sparkmlflow.wire.WorkspaceHost;

/**
 * The login at a Databricks workspace, named as in Databricks' own variables. If all are blank, the
 * login comes from a profile of the configuration file or from the platform that runs the job.
 *
 * <p>Texts are stripped. {@link #toString} masks the token and the secret.
 *
 * @param host address of the workspace
 * @param token a personal access token or another bearer token
 * @param clientId application id of a service principal, together with its secret
 * @param clientSecret OAuth secret of the service principal
 * @param profile section of the configuration file
 * @param configFile the configuration file; blank: {@code .databrickscfg} in the home directory
 * @param cliPath the Databricks CLI, for a profile that {@code databricks auth login} made; blank:
 *     {@code databricks} on the path
 */
public record DatabricksSettings(
    String host,
    String token,
    String clientId,
    String clientSecret,
    String profile,
    String configFile,
    String cliPath) {

  public static final DatabricksSettings NONE = new DatabricksSettings("", "", "", "", "", "", "");

  /** Throws {@link IllegalArgumentException} with one line per bad value, led by its name. */
  public DatabricksSettings {
    host = host.strip();
    token = token.strip();
    clientId = clientId.strip();
    clientSecret = clientSecret.strip();
    profile = profile.strip();
    configFile = configFile.strip();
    cliPath = cliPath.isBlank() ? "databricks" : cliPath.strip();

    List<String> problems = new ArrayList<>();
    if (!host.isEmpty()) {
      WorkspaceHost.problem("host", host).ifPresent(problems::add);
    }
    Secrets.unsendable("token", token).ifPresent(problems::add);
    Secrets.unsendable("clientSecret", clientSecret).ifPresent(problems::add);
    MlflowSettings.requireBoth("clientId", clientId, "clientSecret", clientSecret, problems);
    if (!token.isEmpty() && !clientId.isEmpty()) {
      problems.add("token and clientId are both set; set only one of these logins");
    }
    MlflowSettings.refuseAny(problems);
  }

  @Override
  public String toString() {
    return "DatabricksSettings[host=%s, token=%s, clientId=%s, clientSecret=%s, profile=%s, configFile=%s, cliPath=%s]"
        .formatted(
            host,
            Secrets.shown(token),
            clientId,
            Secrets.shown(clientSecret),
            profile,
            configFile,
            cliPath);
  }
}
