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
 * Retries calls that failed temporarily: statuses 408, 429 and 5xx (except 501 and 505, which are
 * refusals), timeouts and broken connections.
 *
 * <p>Before attempt k+1 it waits {@code backoff · 2^(k−1)}, at most 30 s, shortened by up to half
 * at random so that several jobs do not retry together. A longer {@code Retry-After} of the server
 * takes precedence, up to 60 s.
 *
 * @param random supplies numbers from 0 to 1
 */
public record Retrier(int maxAttempts, Duration backoff, Pause pause, DoubleSupplier random) {

  private static final Logger LOG = LoggerFactory.getLogger(Retrier.class);
  private static final long LONGEST_BACKOFF_MS = 30_000;
  private static final long LONGEST_RETRY_AFTER_MS = 60_000;

  /** Retries an idempotent call. */
  public <T> T repeatable(Supplier<T> call) {
    return create(call, Optional::empty);
  }

  /**
   * Retries a call that creates something. After a failure that may hide a success (a timeout, a
   * broken connection, a 5xx) it first searches for the result, by {@code find} with its own
   * retries, and creates again only if there is none. It also searches after the last failure.
   *
   * <p>If the server completes the first create only after the search, there are two results. A
   * caller that must avoid this searches again later.
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
          LOG.warn("{} It took effect nevertheless; the job continues.", failure.getMessage());
          return created.get();
        }
        if (last) {
          throw attempt == 1 ? failure : failure.with("(" + attempt + " attempts)");
        }
        LOG.warn("{} Retrying: attempt {} of {}.", failure.getMessage(), attempt + 1, maxAttempts);
      }
    }
  }

  private static <T> Optional<T> found(Supplier<Optional<T>> find, MlflowException failure) {
    try {
      return find.get();
    } catch (MlflowException blind) {
      // to create again without this search might create twice
      failure.addSuppressed(blind);
      throw failure;
    }
  }

  private void waitAfter(MlflowException failure, int attempt) {
    long doubled = Math.min(backoff.toMillis() << Math.min(attempt - 1, 20), LONGEST_BACKOFF_MS);
    long wait = (long) (doubled * (1 - random.getAsDouble() / 2));
    long asked = failure.retryAfter().orElse(Duration.ZERO).toMillis();
    try {
      pause.of(Duration.ofMillis(Math.max(wait, Math.min(asked, LONGEST_RETRY_AFTER_MS))));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure.with("(interrupted while waiting for the next attempt)");
    }
  }
}
