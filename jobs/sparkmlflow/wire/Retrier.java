package sparkmlflow.wire;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.HttpSettings;
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
 * <p>It gives up after {@code maxAttempts}, or when all calls together have been failing for {@code
 * patience}: the time from a failure to the next success of any call counts. From then on each call
 * of any thread has one attempt, until one succeeds; that renews the patience. Before the first
 * answer of a server, an address that cannot be reached is more likely wrong than down for a
 * moment, so there are three attempts.
 */
public final class Retrier {

  private static final Logger LOG = LoggerFactory.getLogger(Retrier.class);
  private static final long LONGEST_BACKOFF_MS = 30_000;
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(1);
  private static final int AT_FIRST = 3;

  private final int maxAttempts;
  private final Duration backoff;
  private final Duration patience;
  private final Pause pause;
  private final DoubleSupplier random;
  private final LongSupplier nanoTime;
  private volatile boolean answered;
  private boolean spent;
  private long failedBefore;
  private OptionalLong failingSince = OptionalLong.empty();

  /**
   * @param random supplies numbers from 0 to 1
   * @param nanoTime as {@link System#nanoTime}
   */
  Retrier(
      int maxAttempts,
      Duration backoff,
      Duration patience,
      Pause pause,
      DoubleSupplier random,
      LongSupplier nanoTime) {
    this.maxAttempts = maxAttempts;
    this.backoff = backoff;
    this.patience = patience;
    this.pause = pause;
    this.random = random;
    this.nanoTime = nanoTime;
  }

  public static Retrier of(HttpSettings settings, Pause pause) {
    return new Retrier(
        settings.maxAttempts(),
        settings.backoff(),
        settings.patience(),
        pause,
        () -> ThreadLocalRandom.current().nextDouble(),
        System::nanoTime);
  }

  /** For another server: the same limits, and nothing known of it. */
  Retrier fresh() {
    return new Retrier(maxAttempts, backoff, patience, pause, random, nanoTime);
  }

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
        T result = create.get();
        succeeded();
        return result;
      } catch (MlflowException failure) {
        if (failure.outlook() == MlflowException.Outlook.FINAL) {
          if (failure.status().isPresent()) {
            succeeded(); // the server works, and this is its answer
          }
          throw failure;
        }
        failed();
        perhapsDone |= failure.outlook() == MlflowException.Outlook.UNKNOWN;
        Duration wait = pauseAfter(failure, attempt);
        boolean last = isLast(failure, attempt, wait);
        if (!last) {
          LOG.warn(
              "{} Trying again in {} s{}.",
              failure.getMessage(),
              Math.max(1, wait.toSeconds()),
              answered
                  ? "; the job waits up to %d s more"
                      .formatted(patience.minus(failing()).toSeconds())
                  : "");
          waitFor(failure, wait);
        }
        Optional<T> created = perhapsDone ? found(find, failure) : Optional.empty();
        if (created.isPresent()) {
          LOG.warn("{} It took effect nevertheless; the job continues.", failure.getMessage());
          return created.get();
        }
        if (last) {
          throw attempt == 1 ? failure : failure.with("(" + attempt + " attempts)");
        }
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

  private boolean isLast(MlflowException failure, int attempt, Duration wait) {
    answered |= failure.status().isPresent();
    return attempt >= (answered ? maxAttempts : Math.min(maxAttempts, AT_FIRST)) || outlasts(wait);
  }

  /** Whether the patience ends before a wait does; it is spent then. */
  private synchronized boolean outlasts(Duration wait) {
    spent |= failing().plus(wait).compareTo(patience) > 0;
    return spent;
  }

  private synchronized void succeeded() {
    answered = true;
    failedBefore = spent ? 0 : failing().toNanos();
    spent = false;
    failingSince = OptionalLong.empty();
  }

  /** How long calls have been failing, all together; a failure begins it. */
  private synchronized Duration failing() {
    long now = nanoTime.getAsLong();
    return Duration.ofNanos(failedBefore + now - failingSince.orElse(now));
  }

  private synchronized void failed() {
    if (failingSince.isEmpty()) {
      failingSince = OptionalLong.of(nanoTime.getAsLong());
    }
  }

  private Duration pauseAfter(MlflowException failure, int attempt) {
    long doubled = Math.min(backoff.toMillis() << Math.min(attempt - 1, 20), LONGEST_BACKOFF_MS);
    long wait = (long) (doubled * (1 - random.getAsDouble() / 2));
    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
    Duration heeded = Collections.min(List.of(asked, LONGEST_RETRY_AFTER));
    return Duration.ofMillis(Math.max(wait, heeded.toMillis()));
  }

  private void waitFor(MlflowException failure, Duration wait) {
    try {
      pause.of(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure.with("(interrupted while waiting for the next attempt)");
    }
  }
}
