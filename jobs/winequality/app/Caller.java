package winequality.app;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import sparkmlflow.MlflowConnection;

/** Who started the job. */
final class Caller {

  /** Variables in which platforms name the person who started a job. */
  private static final List<String> PLATFORMS =
      List.of("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "SUDO_USER");

  private Caller() {}

  /** The login, else the platform's name for the caller, else the operating system's user. */
  static String of(MlflowConnection connection, Map<String, String> environment) {
    String username = connection.settings().login().username();
    if (!username.isEmpty()) {
      return username;
    }
    Stream<String> named =
        PLATFORMS.stream().map(name -> environment.getOrDefault(name, "").strip());
    return connection
        .workspaceUser()
        .or(() -> named.filter(name -> !name.isEmpty()).findFirst())
        .orElseGet(() -> System.getProperty("user.name"));
  }
}
