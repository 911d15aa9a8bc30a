package sparkmlflow.run;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowTags;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import sparkmlflow.tracking.TagValues;

/**
 * Ends one run FINISHED or FAILED, exactly once, even if the JVM exits before the job is done.
 *
 * <p>It also ends duplicates of the run: a slow server may carry out a create request after the
 * client gave it up and sent another one. A JVM that is shutting down has no time to look for them.
 */
final class RunEnding {

  static final Duration EXIT_BOUND = Duration.ofSeconds(6);

  private static final Logger LOG = LoggerFactory.getLogger(RunEnding.class);

  private static final String MAY_STAY =
      "Run {} may stay RUNNING on the server, or lack the tag with its reason. {}";
  private static final String STOPPED =
      "The process was stopped (SIGTERM, SIGINT or an exit) before the run was done.";

  private enum State {
    OPEN,
    ENDING,
    ENDED
  }

  private final MlflowConnection connection;
  private final Run run;
  private final Clock clock;
  private final JvmExit exit;
  private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::atExit, "end-mlflow-run");
  private @Nullable Heartbeat heartbeat;
  private Consumer<String> beforeExit = why -> {};
  private volatile boolean workDone;

  RunEnding(MlflowConnection connection, Run run, Clock clock, JvmExit exit) {
    this.connection = connection;
    this.run = run;
    this.clock = clock;
    this.exit = exit;
  }

  /**
   * Ends the run when the JVM exits.
   *
   * @param keeping called before that, with the reason; it does not throw
   */
  void watchExit(Consumer<String> keeping) {
    beforeExit = keeping;
    exit.register(hook);
  }

  void beat() {
    heartbeat = Heartbeat.of(connection.tracking(), run.id(), clock);
  }

  boolean isOpen() {
    return state.get() == State.OPEN;
  }

  /** Throws IllegalStateException if the run has ended. */
  void requireOpen() {
    if (!isOpen()) {
      throw alreadyEnded();
    }
  }

  /** Ends the run FINISHED. It stays open if the server could not be told. */
  void finish() {
    if (!state.compareAndSet(State.OPEN, State.ENDING)) {
      throw alreadyEnded();
    }
    workDone = true;
    try {
      connection.tracking().endRun(run.id(), RunStatus.FINISHED, clock.instant());
    } catch (RuntimeException | Error e) {
      state.set(State.OPEN);
      throw e;
    }
    try {
      endDuplicates();
    } finally {
      markEnded();
    }
  }

  /** Ends the run FAILED unless it has ended; never throws. */
  void fail(Throwable reason) {
    fail(line(reason));
  }

  private static String line(Throwable reason) {
    String message = String.valueOf(reason.getMessage()).strip();
    return reason.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse("");
  }

  void fail(String reason) {
    end(
        () -> {
          endFailed(run, tags(reason));
          endDuplicates();
        });
  }

  /**
   * Ends the run FAILED with one attempt for each call, because the server did not answer for long;
   * never throws.
   */
  void abandon(Throwable reason) {
    end(() -> endShortly(tags(line(reason))));
  }

  private void end(Runnable calls) {
    if (!state.compareAndSet(State.OPEN, State.ENDING)) {
      // by the hook, if the JVM exits; the caller closes the connection next
      awaitEnd();
      return;
    }
    // the thread of a cancelled job is interrupted, which would make every call fail
    boolean interrupted = Thread.interrupted();
    try {
      calls.run();
    } finally {
      markEnded();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void endShortly(Map<String, String> tags) {
    try {
      connection
          .tracking()
          .endRunWithin(EXIT_BOUND, run.id(), RunStatus.FAILED, clock.instant(), tags);
    } catch (RuntimeException e) {
      LOG.error(MAY_STAY, run.id(), masked(e));
    }
  }

  private void endFailed(Run failed, Map<String, String> tags) {
    try {
      connection.tracking().endRun(failed.id(), RunStatus.FAILED, clock.instant());
      connection.tracking().setTags(failed.id(), tags);
    } catch (RuntimeException e) {
      LOG.error(MAY_STAY, failed.id(), masked(e));
    }
  }

  private void endDuplicates() {
    try {
      for (Run duplicate : connection.tracking().duplicatesOf(run)) {
        if (duplicate.status() == RunStatus.RUNNING) {
          LOG.warn("Ending run {}, a duplicate of run {}.", duplicate.id(), run.id());
          String reason =
              "Empty duplicate of run %s: the server created it after the time limit (request timeout)."
                  .formatted(run.id());
          endFailed(duplicate, Map.of(MlflowTags.ERROR, reason));
        }
      }
    } catch (RuntimeException e) {
      LOG.warn(
          "Could not look for duplicates of run {}; one may stay RUNNING. {}", run.id(), masked(e));
    }
  }

  private void atExit() {
    beforeExit.accept(STOPPED);
    if (state.compareAndSet(State.OPEN, State.ENDING)) {
      endShortly(tags(STOPPED));
      state.set(State.ENDED);
      ended.countDown();
      return;
    }
    // another thread is ending the run
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!ended.await(EXIT_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.error("Run {} was not ended in time and may stay RUNNING.", run.id());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void markEnded() {
    state.set(State.ENDED);
    if (heartbeat != null) {
      heartbeat.close();
    }
    ended.countDown();
    exit.unregister(hook);
  }

  private Map<String, String> tags(String reason) {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(MlflowTags.ERROR, connection.secrets().masked(reason));
    if (workDone) {
      tags.put(MlflowTags.WORK, "done");
    }
    return TagValues.shortened(tags);
  }

  private String masked(RuntimeException failure) {
    return connection.secrets().masked(failure.toString());
  }

  private IllegalStateException alreadyEnded() {
    return new IllegalStateException(
        "Run " + run.id() + " has ended; nothing more can be logged, and its status is final.");
  }
}
