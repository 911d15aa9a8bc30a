package sparkmlflow;

import java.util.ArrayList;
import java.util.List;
import sparkmlflow.wire.Credentials;
import sparkmlflow.wire.Secrets;

/**
 * The login at an MLflow server. User name and password take precedence over a token, as in
 * MLflow's Python client. If all are blank, requests carry no login.
 *
 * <p>Texts are stripped. {@link #toString} masks password and token.
 *
 * @param username for HTTP basic authentication, together with the password
 * @param password for HTTP basic authentication, together with the user name
 * @param token for HTTP bearer authentication
 * @param workspace of a server that has several ({@code mlflow server --enable-workspaces}); blank:
 *     the server's default
 */
public record Login(String username, String password, String token, String workspace) {

  public static final Login NONE = new Login("", "", "", "");

  /** Throws {@link IllegalArgumentException} with one line per bad value, led by its name. */
  public Login {
    username = username.strip();
    password = password.strip();
    token = token.strip();
    workspace = workspace.strip();
    List<String> problems = new ArrayList<>();
    MlflowSettings.requireBoth("username", username, "password", password, problems);
    if (username.contains(":")) {
      problems.add("username contains a colon, which RFC 7617 does not allow");
    }
    Secrets.unsendable("password", password).ifPresent(problems::add);
    Secrets.unsendable("token", token).ifPresent(problems::add);
    if (!workspace.matches("([a-z0-9]([-a-z0-9]*[a-z0-9])?)?")) {
      problems.add(
          "workspace is \"%s\"; it must consist of lower-case letters, digits and hyphens, as MLflow demands"
              .formatted(workspace));
    }
    MlflowSettings.refuseAny(problems);
  }

  Credentials credentials() {
    if (!username.isEmpty()) {
      return new Credentials.Basic(username, password);
    }
    return token.isEmpty() ? new Credentials.Anonymous() : new Credentials.Bearer(token);
  }

  @Override
  public String toString() {
    return "Login[username=%s, password=%s, token=%s, workspace=%s]"
        .formatted(username, Secrets.shown(password), Secrets.shown(token), workspace);
  }
}
