package sparkmlflow.databricks;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import sparkmlflow.wire.Credentials;
import sparkmlflow.wire.Secrets;

/** A token that is used until shortly before it expires, or until the workspace rejects it. */
final class ExpiringToken implements Credentials.Source {

  // Databricks' SDK: "Azure Databricks rejects tokens that expire in 30 seconds or less"
  private static final Duration MARGIN = Duration.ofSeconds(40);

  /**
   * A new token.
   *
   * @param end {@link Instant#MAX} if it is not known
   */
  record Fetched(String value, Instant end) {}

  private final Supplier<Fetched> source;
  private final Secrets secrets;
  private final Clock clock;

  private Credentials token = new Credentials.Anonymous();
  private Instant end = Instant.MIN;

  ExpiringToken(Supplier<Fetched> source, Secrets secrets, Clock clock) {
    this.source = source;
    this.secrets = secrets;
    this.clock = clock;
  }

  @Override
  public synchronized Credentials current() {
    if (!clock.instant().isBefore(end)) {
      Fetched fetched = source.get();
      token = secrets.remember(new Credentials.Bearer(fetched.value()));
      end = fetched.end().equals(Instant.MAX) ? Instant.MAX : fetched.end().minus(MARGIN);
    }
    return token;
  }

  @Override
  public synchronized boolean renewed(Credentials refused) {
    if (token.equals(refused)) {
      end = Instant.MIN;
    }
    return !current().equals(refused);
  }
}
