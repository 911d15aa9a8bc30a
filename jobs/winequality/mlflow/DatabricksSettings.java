package winequality.mlflow;

import java.util.ArrayList;
import java.util.List;

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

  /**
   * Checks all values together.
   *
   * @throws IllegalArgumentException with one line for each bad value, each starting with its key
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
      WorkspaceHost.problem("mlflow.databricks.host", host).ifPresent(problems::add);
    }
    refuseUnsendable("mlflow.databricks.token", token, problems);
    refuseUnsendable("mlflow.databricks.client-secret", clientSecret, problems);
    if (clientId.isEmpty() != clientSecret.isEmpty()) {
      String missing = clientId.isEmpty() ? "client-id" : "client-secret";
      String there = clientId.isEmpty() ? "client-secret" : "client-id";
      problems.add(
          "mlflow.databricks.%s is not set but mlflow.databricks.%s is; it must be set with it"
              .formatted(missing, there));
    }
    if (!token.isEmpty() && !clientId.isEmpty()) {
      problems.add(
          "mlflow.databricks.token is set, and so is mlflow.databricks.client-id; only one of the"
              + " two may be, so that it is clear as whom the job runs");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  // A line break inside a header value would make the HTTP library quote the value in its error.
  private static void refuseUnsendable(String key, String value, List<String> problems) {
    if (value.chars().anyMatch(Character::isISOControl)) {
      problems.add(key + " is " + Secrets.MASK + " with a control character or line break inside");
    }
  }

  @Override
  public String toString() {
    return "DatabricksSettings[host=%s, token=%s, clientId=%s, clientSecret=%s, profile=%s, configFile=%s]"
        .formatted(
            host,
            token.isEmpty() ? "" : Secrets.MASK,
            clientId,
            clientSecret.isEmpty() ? "" : Secrets.MASK,
            profile,
            configFile);
  }
}
