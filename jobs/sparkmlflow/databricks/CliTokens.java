package sparkmlflow.databricks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.Secrets;

/**
 * Tokens of a person who logged in with {@code databricks auth login}: the CLI keeps them, renews
 * them and prints one by {@code databricks auth token}. So the job needs neither the person's
 * refresh token nor the way in which the CLI stores it.
 *
 * @param program the CLI, found on the path if it is a plain name
 * @param file the configuration file with the profile
 */
record CliTokens(String program, String profile, Path file, Duration limit, Secrets secrets)
    implements Supplier<ExpiringToken.Fetched> {

  private static final String OPERATION = "get a token from the Databricks CLI";

  /** Throws {@link MlflowException} if the CLI is missing, too slow or gives no token. */
  @Override
  public ExpiringToken.Fetched get() {
    JsonNode answer;
    String value;
    try {
      answer = RestCalls.JSON.readTree(printed());
      value = Answers.text(OPERATION, answer, "access_token");
    } catch (JsonProcessingException e) {
      throw MlflowException.refused(
          OPERATION, "%s auth token printed no JSON. Update the CLI.".formatted(program));
    }
    try {
      return new ExpiringToken.Fetched(
          value, OffsetDateTime.parse(answer.path("expiry").asText()).toInstant());
    } catch (DateTimeParseException e) {
      return new ExpiringToken.Fetched(value, Instant.MAX);
    }
  }

  private String printed() {
    ProcessBuilder builder = new ProcessBuilder(program, "auth", "token", "--profile", profile);
    builder.environment().put("DATABRICKS_CONFIG_FILE", file.toString());
    try {
      Process process = builder.start();
      process.getOutputStream().close(); // it must not ask
      try {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          throw refused("did not answer within %d s".formatted(limit.toSeconds()));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
          throw refused("said: " + secrets.masked(err.strip()));
        }
        return out;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw MlflowException.refused(
          OPERATION,
          "the profile %s in %s was made by databricks auth login, so its tokens come from the Databricks CLI, and %s cannot be started. Install the CLI (0.205 or newer), set DATABRICKS_CLI_PATH to it, or use a service principal."
              .formatted(profile, file, program),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused("was interrupted");
    }
  }

  private MlflowException refused(String reason) {
    return MlflowException.refused(
        OPERATION,
        "%s auth token --profile %s %s. Log in again: databricks auth login --profile %s."
            .formatted(program, profile, reason, profile));
  }
}
