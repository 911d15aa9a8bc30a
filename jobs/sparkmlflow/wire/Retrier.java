package sparkmlflow.wire;

import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.Pause;

/**
 * Repeats what failed for want of an answer or with "later": statuses 408, 429 and 5xx (but 501 and
 * 505, which are refusals), time limits and broken connections.
 *
 * <p>Before attempt k+1 it waits {@code backoff · 2^(k−1)}, at most 30 s, of which a random half is
 * taken off so that several jobs do not come back together; a {@code Retry-After} of the server
 * goes before that when it is longer, up to 60 s.
 */
public final class Retrier {

  private static final Logger LOG = LoggerFactory.getLogger(Retrier.class);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(60);

  private final int maxAttempts;
  private final Duration backoff;
  private final Pause pause;
  private final DoubleSupplier random;

  public Retrier(int maxAttempts, Duration backoff, Pause pause, DoubleSupplier random) {
    this.maxAttempts = maxAttempts;
    this.backoff = backoff;
    this.pause = pause;
    this.random = random;
  }

  /** For calls which may reach the server twice without harm. */
  public <T> T repeatable(Supplier<T> call) {
    return create(call, Optional::empty);
  }

  /**
   * For calls that create something. After a failure which may have come after the deed (no answer
   * in time, a broken connection, a 5xx) it looks for the thing first, and creates again only if it
   * is not there; it looks after the last failure too, so that nothing that exists is given up.
   *
   * <p>The look cannot see what the server is still working on. A server that finishes the first
   * create after the look has made two things; a caller to whom that matters looks again later.
   *
   * @param find looks for what an earlier attempt created; it repeats its own calls
   */
  public <T> T create(Supplier<T> create, Supplier<Optional<T>> find) {
    boolean perhapsDone = false;
    for (int attempt = 1; ; attempt++) {
      try {
        return create.get();
      } catch (MlflowException failure) {
        if (failure.outlook() == MlflowException.Outlook.FINAL) {
          throw failure;
        }
        perhapsDone |= failure.outlook() == MlflowException.Outlook.UNKNOWN;
        boolean last = attempt >= maxAttempts;
        if (!last) {
          waitAfter(failure, attempt);
        }
        Optional<T> created = perhapsDone ? found(find, failure) : Optional.empty();
        if (created.isPresent()) {
          LOG.warn("{} Yet it was done; going on with it.", failure.getMessage());
          return created.get();
        }
        if (last) {
          throw attempt == 1 ? failure : failure.with("(" + attempt + " attempts)");
        }
        LOG.warn(
            "{} Trying again, attempt {} of {}.", failure.getMessage(), attempt + 1, maxAttempts);
      }
    }
  }

  private static <T> Optional<T> found(Supplier<Optional<T>> find, MlflowException failure) {
    try {
      return find.get();
    } catch (MlflowException blind) {
      // creating again without having looked might create twice
      failure.addSuppressed(blind);
      throw failure;
    }
  }

  private void waitAfter(MlflowException failure, int attempt) {
    long doubled = backoff.toMillis() << Math.min(attempt - 1, 20);
    double share = 1 - random.getAsDouble() / 2;
    long millis = (long) (Math.min(doubled, LONGEST_BACKOFF.toMillis()) * share);
    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
    Duration wait =
        Duration.ofMillis(
            Math.max(millis, Math.min(asked.toMillis(), LONGEST_RETRY_AFTER.toMillis())));
    try {
      pause.of(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure.with("(interrupted while waiting for the next attempt)");
    }
  }
}
