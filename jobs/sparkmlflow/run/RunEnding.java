package sparkmlflow.run;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowTags;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import sparkmlflow.tracking.TagValues;

/**
 * The end of one run: FINISHED or FAILED, once, also when the JVM ends before the job does.
 *
 * <p>A normal end also ends the twins of the run, which a slow server made of attempts to create it
 * that were given up. The end of the JVM leaves no time for that look.
 */
final class RunEnding {

  static final Duration EXIT_BOUND = Duration.ofSeconds(6);

  private static final Logger LOG = LoggerFactory.getLogger(RunEnding.class);

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
  private volatile boolean workDone;

  RunEnding(MlflowConnection connection, Run run, Clock clock, JvmExit exit) {
    this.connection = connection;
    this.run = run;
    this.clock = clock;
    this.exit = exit;
  }

  /**
   * From here on the end of the JVM ends the run too.
   *
   * @throws IllegalStateException if the JVM is ending already
   */
  void watchExit() {
    exit.register(hook);
  }

  /**
   * Checks that the run can still be filled.
   *
   * @throws IllegalStateException if it has ended
   */
  void requireOpen() {
    if (state.get() != State.OPEN) {
      throw alreadyEnded();
    }
  }

  /**
   * Ends the run FINISHED; the run stays open if the server could not be told.
   *
   * @throws IllegalStateException if it has ended
   */
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
      endTwins();
    } finally {
      markEnded();
    }
  }

  /** Ends the run FAILED unless it has ended; throws nothing. */
  void fail(Throwable reason) {
    String message = String.valueOf(reason.getMessage()).strip();
    fail(reason.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse(""));
  }

  /** Ends the run FAILED unless it has ended; throws nothing. */
  void fail(String reason) {
    if (!state.compareAndSet(State.OPEN, State.ENDING)) {
      return;
    }
    // a job that is cancelled comes here with its thread interrupted, and every call would give up
    boolean interrupted = Thread.interrupted();
    try {
      endFailed(run, tags(reason));
      endTwins();
    } finally {
      markEnded();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void endFailed(Run failed, Map<String, String> tags) {
    try {
      connection.tracking().endRun(failed.id(), RunStatus.FAILED, clock.instant());
      connection.tracking().setTags(failed.id(), tags);
    } catch (RuntimeException e) {
      LOG.error(
          "Run {} may stay RUNNING or without its reason on the server. {}",
          failed.id(),
          connection.secrets().masked(e.toString()));
    }
  }

  private void endTwins() {
    try {
      for (Run twin : connection.tracking().twinsOf(run)) {
        if (twin.status() == RunStatus.RUNNING) {
          LOG.warn(
              "The server made run {} besides {} of one create; it is ended.", twin.id(), run.id());
          endFailed(
              twin,
              Map.of(
                  MlflowTags.ERROR,
                  "Empty: the server made it as a second run of one create, "
                      + run.id()
                      + ", after the time limit (request timeout)."));
        }
      }
    } catch (RuntimeException e) {
      LOG.warn(
          "Whether the server made a second run besides {} is not known; it would stay RUNNING. {}",
          run.id(),
          connection.secrets().masked(e.toString()));
    }
  }

  private void atExit() {
    if (state.compareAndSet(State.OPEN, State.ENDING)) {
      try {
        connection
            .tracking()
            .endRunWithin(
                EXIT_BOUND,
                run.id(),
                RunStatus.FAILED,
                clock.instant(),
                tags(
                    "The process was stopped (SIGTERM, SIGINT or an exit) before the run was done."));
      } catch (RuntimeException e) {
        LOG.error(
            "Run {} may stay RUNNING on the server. {}",
            run.id(),
            connection.secrets().masked(e.toString()));
      }
      state.set(State.ENDED);
      return;
    }
    try {
      // somebody is ending it at this moment: let that arrive
      if (!ended.await(EXIT_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.error("Run {} was not ended in time.", run.id());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void markEnded() {
    state.set(State.ENDED);
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

  private IllegalStateException alreadyEnded() {
    return new IllegalStateException(
        "Run " + run.id() + " has ended; nothing can be logged to it, and its state stays.");
  }
}
