package winequality.mlflow;

import java.util.ArrayList;
import java.util.List;

/**
 * As whom a registry is called that versions are copied to. It is apart from the login of the
 * tracking server, which must not travel to whatever address somebody names.
 *
 * @param username for HTTP basic authentication, together with the password; blank for none
 * @param token used where no user name is set; blank for none
 */
public record TargetLogin(String username, String password, String token) {

  /**
   * Checks that user name and password come together.
   *
   * @throws IllegalArgumentException with one line for each bad value, each starting with its key
   */
  public TargetLogin {
    username = username.strip();
    password = password.strip();
    token = token.strip();
    List<String> problems = new ArrayList<>();
    if (username.isEmpty() && !password.isEmpty()) {
      problems.add("mlflow.target.username is not set but mlflow.target.password is; set both");
    }
    if (!username.isEmpty() && password.isEmpty()) {
      problems.add("mlflow.target.password is not set but mlflow.target.username is; set both");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  @Override
  public String toString() {
    return "TargetLogin[username="
        + username
        + ", password="
        + (password.isEmpty() ? "" : Secrets.MASK)
        + ", token="
        + (token.isEmpty() ? "" : Secrets.MASK)
        + "]";
  }
}
