package sparkmlflow;

import java.util.ArrayList;
import java.util.List;
import sparkmlflow.wire.Secrets;
import sparkmlflow.wire.WorkspaceHost;

/**
 * As whom the job calls a Databricks workspace, in the names of Databricks' own variables. All may
 * be blank: then a profile of the file, or the platform the job runs on, has to say it.
 *
 * <p>Texts are stripped. The token and the secret appear in no text this record makes.
 *
 * @param host address of the workspace
 * @param token a personal access token or another bearer token
 * @param clientId application id of a service principal, together with its secret
 * @param clientSecret OAuth secret of the service principal
 * @param profile section of the configuration file
 * @param configFile the configuration file; blank: {@code .databrickscfg} in the home directory
 */
public record DatabricksSettings(
    String host,
    String token,
    String clientId,
    String clientSecret,
    String profile,
    String configFile) {

  /** Nothing is said: a profile or the platform has to say it. */
  public static final DatabricksSettings NONE = new DatabricksSettings("", "", "", "", "", "");

  /**
   * Checks all values together.
   *
   * @throws IllegalArgumentException with one line for each bad value, each starting with its name
   */
  public DatabricksSettings {
    host = host.strip();
    token = token.strip();
    clientId = clientId.strip();
    clientSecret = clientSecret.strip();
    profile = profile.strip();
    configFile = configFile.strip();

    List<String> problems = new ArrayList<>();
    if (!host.isEmpty()) {
      WorkspaceHost.problem("host", host).ifPresent(problems::add);
    }
    Secrets.unsendable("token", token).ifPresent(problems::add);
    Secrets.unsendable("clientSecret", clientSecret).ifPresent(problems::add);
    if (clientId.isEmpty() && !clientSecret.isEmpty()) {
      problems.add("clientId is not set but clientSecret is; set both");
    }
    if (clientSecret.isEmpty() && !clientId.isEmpty()) {
      problems.add("clientSecret is not set but clientId is; set both");
    }
    if (!token.isEmpty() && !clientId.isEmpty()) {
      problems.add(
          "token is set, and so is clientId; set only one of the two, so that it is clear who calls"
              + " the workspace");
    }
    Problems.refuseAny(problems);
  }

  @Override
  public String toString() {
    return "DatabricksSettings[host=%s, token=%s, clientId=%s, clientSecret=%s, profile=%s, configFile=%s]"
        .formatted(
            host, Secrets.shown(token), clientId, Secrets.shown(clientSecret), profile, configFile);
  }
}
