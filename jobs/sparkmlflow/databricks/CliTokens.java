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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.Secrets;

/**
 * Tokens of a person who logged in with {@code databricks auth login}: the CLI keeps them, renews
 * them and prints one by {@code databricks auth token}. So the job needs neither the person's
 * refresh token nor the way in which the CLI stores it.
 */
final class CliTokens implements Supplier<ExpiringToken.Fetched> {

  private static final Logger LOG = LoggerFactory.getLogger(CliTokens.class);
  private static final String OPERATION = "get a token from the Databricks CLI";

  private final String program;
  private final String profile;
  private final Path file;
  private final Duration limit;
  private final Secrets secrets;

  private String last = "";

  /**
   * @param program the CLI, found on the path if it is a plain name
   * @param file the configuration file with the profile
   */
  CliTokens(String program, String profile, Path file, Duration limit, Secrets secrets) {
    this.program = program;
    this.profile = profile;
    this.file = file;
    this.limit = limit;
    this.secrets = secrets;
  }

  /** Throws {@link MlflowException} if the CLI is missing, too slow or gives no token. */
  @Override
  public synchronized ExpiringToken.Fetched get() {
    ExpiringToken.Fetched fetched = token(List.of());
    if (fetched.value().equals(last)) {
      // asked again although it gave this one: a workspace refused it, or it ends soon
      try {
        fetched = token(List.of("--force-refresh"));
      } catch (MlflowException e) {
        LOG.info("{} Using the token that it has.", e.getMessage()); // before CLI 0.296
      }
    }
    last = fetched.value();
    return fetched;
  }

  private ExpiringToken.Fetched token(List<String> options) {
    JsonNode answer;
    String value;
    try {
      answer = RestCalls.JSON.readTree(printed(options));
      value = answer.path("access_token").asText();
    } catch (JsonProcessingException e) {
      throw MlflowException.refused(
          OPERATION, "%s auth token printed no JSON. Update the CLI.".formatted(program));
    }
    if (value.isEmpty()) {
      throw MlflowException.refused(
          OPERATION, "%s auth token printed no access_token. Update the CLI.".formatted(program));
    }
    try {
      return new ExpiringToken.Fetched(
          value, OffsetDateTime.parse(answer.path("expiry").asText()).toInstant());
    } catch (DateTimeParseException e) {
      return new ExpiringToken.Fetched(value, Instant.MAX);
    }
  }

  private String printed(List<String> options) {
    List<String> command = new ArrayList<>(List.of(program, "auth", "token", "--profile", profile));
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("DATABRICKS_CONFIG_FILE", file.toString());
    try {
      Process process = builder.start();
      process.getOutputStream().close(); // it must not ask
      try {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          throw MlflowException.unanswered(
              OPERATION,
              MlflowException.Outlook.NOT_DONE,
              "%s auth token --profile %s did not end within %d s; try it by hand."
                  .formatted(program, profile, limit.toSeconds()),
              null);
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
          // as a workspace that refuses the login, so that finished work is kept
          throw new MlflowException(
              401,
              null,
              MlflowException.Outlook.FINAL,
              null,
              MlflowException.message(
                  OPERATION,
                  "%s auth token --profile %s said: %s. Log in again: databricks auth login --profile %s."
                      .formatted(
                          program,
                          profile,
                          secrets.masked(err.strip()).replaceAll("\\.$", ""),
                          profile)),
              null);
        }
        return out;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw MlflowException.refused(
          OPERATION,
          "the profile %s in %s was made by databricks auth login, so its tokens come from the Databricks CLI, and %s cannot be started. Install the CLI (0.208 or newer), set DATABRICKS_CLI_PATH to it, or use a service principal."
              .formatted(profile, file, program),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MlflowException.refused(OPERATION, "the job was interrupted.", e);
    }
  }
}
