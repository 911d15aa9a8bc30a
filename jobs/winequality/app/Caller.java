package winequality.app;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowConnection;

/** Who is calling, as far as the surroundings tell. */
final class Caller {

  /** Variables in which platforms name whoever started a job. */
  private static final List<String> PLATFORMS =
      List.of("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "SUDO_USER");

  private Caller() {}

  /**
   * The login at MLflow or at the workspace, else the platform's name for the caller, else the
   * system's user.
   */
  static String of(MlflowConnection connection, Map<String, String> environment) {
    String username = connection.settings().login().username();
    if (!username.isEmpty()) {
      return username;
    }
    return connection
        .workspaceUser()
        .or(
            () ->
                PLATFORMS.stream()
                    .map(name -> Optional.ofNullable(environment.get(name)).orElse("").strip())
                    .filter(name -> !name.isEmpty())
                    .findFirst())
        .orElseGet(() -> System.getProperty("user.name"));
  }
}
