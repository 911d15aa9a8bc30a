package sparkmlflow.run;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import sparkmlflow.tracking.TrackingCalls;

/**
 * Renews a tag of a run that says until when its job is known to be alive, so that others can end a
 * run whose process was killed (SIGKILL, lost machine).
 *
 * <p>Only runs with the tag that have never ended, and their child runs, are ended: a run that
 * somebody resumed belongs to whoever did so. A job that was merely cut off from the server for the
 * whole {@link #TERM} still ends its run itself later, by its own result.
 */
final class Heartbeat implements AutoCloseable {

  static final Duration TERM = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
  private static final Duration RENEWAL = Duration.ofMinutes(2);
  private static final String DEAD =
      "The process was killed or lost its machine: it gave no sign for ten minutes.";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final ScheduledExecutorService beating =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "mlflow-heartbeat");
            thread.setDaemon(true);
            return thread;
          });

  private Heartbeat() {}

  /** The tag that a new run has from its creation on. */
  static Map<String, String> tag(Clock clock) {
    return Map.of(MlflowTags.ALIVE_UNTIL, text(clock.instant().plus(TERM)));
  }

  /** In whole seconds, so that the order of the texts is that of the times. */
  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  static Heartbeat of(TrackingCalls tracking, String runId, Clock clock) {
    return of(tracking, runId, clock, RENEWAL);
  }

  static Heartbeat of(TrackingCalls tracking, String runId, Clock clock, Duration renewal) {
    Heartbeat heartbeat = new Heartbeat();
    var unused =
        heartbeat.beating.scheduleWithFixedDelay(
            () -> beat(tracking, runId, clock),
            renewal.toMillis(),
            renewal.toMillis(),
            TimeUnit.MILLISECONDS);
    return heartbeat;
  }

  /** One sign, without retries; throws if it does not arrive. */
  static void sign(TrackingCalls tracking, String runId, Clock clock) {
    tracking.tagWithin(LIMIT, runId, tag(clock));
  }

  private static void beat(TrackingCalls tracking, String runId, Clock clock) {
    try {
      sign(tracking, runId, clock);
    } catch (RuntimeException e) {
      // the next one may arrive; an exception would end them all
      LOG.debug("A heartbeat of run {} did not arrive.", runId, e);
    }
  }

  @Override
  public void close() {
    beating.shutdownNow();
  }

  /** Ends the runs of an experiment whose jobs are dead, with their children; never throws. */
  static void endDead(TrackingCalls tracking, String experimentId, Clock clock) {
    String now = text(clock.instant());
    try {
      for (Run run : tracking.running(experimentId, MlflowTags.ALIVE_UNTIL)) {
        if (run.tags().getOrDefault(MlflowTags.ALIVE_UNTIL, now).compareTo(now) < 0) {
          end(tracking, run, clock);
          tracking
              .runningChildren(experimentId, run.id())
              .forEach(child -> end(tracking, child, clock));
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("Runs of killed jobs may stay RUNNING. {}", e.getMessage());
    }
  }

  /** A failure, such as a run that this login may not change, does not keep others from ending. */
  private static void end(TrackingCalls tracking, Run run, Clock clock) {
    try {
      LOG.warn("Run {} is RUNNING, but its job is dead; ending it.", run.id());
      tracking.endRun(run.id(), RunStatus.KILLED, clock.instant());
      tracking.setTags(run.id(), Map.of(MlflowTags.ERROR, DEAD));
    } catch (MlflowException e) {
      LOG.warn("Run {} may stay RUNNING. {}", run.id(), e.getMessage());
    }
  }
}
