package sparkmlflow.databricks;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;

/**
 * Who may call a stand-in workspace: a person with a token, another whom the catalog lets read
 * only, and a service principal that trades its client id and secret for tokens.
 */
final class StandInLogins {

  static final String APPLICATION = "0b7e6b52-0000-4000-8000-000000000001";
  static final String READER = "reader@example.com";

  private static final String READER_TOKEN = "dapi-4567-of-a-reader";
  private static final String SECRET = "dose-89ab-very-secret";

  private final Map<String, String> users = new ConcurrentHashMap<>();

  StandInLogins() {
    users.put(TestSettings.TOKEN, "ada@example.com");
    users.put(READER_TOKEN, READER);
  }

  /** Who sends a request; empty if the workspace does not know. */
  String user(ScriptedServer.Request request) {
    return users.getOrDefault(request.header("Authorization").replaceFirst("^Bearer ", ""), "");
  }

  /** A token for the service principal, as {@code /oidc/v1/token} gives it. */
  ScriptedServer.Reply token(ScriptedServer.Request request) {
    String pair = APPLICATION + ":" + SECRET;
    String wanted =
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    if (!request.header("Authorization").equals(wanted)
        || !request.body().equals("grant_type=client_credentials&scope=all-apis")) {
      return ScriptedServer.json(401, "{\"error\": \"invalid_client\"}");
    }
    String token = "oauth-token-that-nobody-may-see-" + users.size();
    users.put(token, APPLICATION);
    return ScriptedServer.json(
        "{\"access_token\": \"%s\", \"token_type\": \"Bearer\", \"expires_in\": 3600}"
            .formatted(token));
  }

  /** What the environment of a job says that calls as the service principal. */
  static Map<String, String> principal() {
    return Map.of("DATABRICKS_CLIENT_ID", APPLICATION, "DATABRICKS_CLIENT_SECRET", SECRET);
  }

  static Map<String, String> reader() {
    return Map.of("DATABRICKS_TOKEN", READER_TOKEN);
  }

  static Map<String, String> person() {
    return Map.of("DATABRICKS_TOKEN", TestSettings.TOKEN);
  }
}
