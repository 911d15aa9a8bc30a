package sparkmlflow.run;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import sparkmlflow.tracking.TrackingCalls;

/**
 * Says in a tag of a run until when its job is alive at least, again and again, so that others can
 * end a run whose process was killed (SIGKILL, lost machine).
 *
 * <p>Only runs with the tag and their child runs are ended, that is, none of other tools. A job
 * that was merely cut off from the server for the whole {@link #TERM} still ends its run itself
 * later, by its own result.
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
    Heartbeat heartbeat = new Heartbeat();
    var unused =
        heartbeat.beating.scheduleWithFixedDelay(
            () -> beat(tracking, runId, clock),
            RENEWAL.toSeconds(),
            RENEWAL.toSeconds(),
            TimeUnit.SECONDS);
    return heartbeat;
  }

  private static void beat(TrackingCalls tracking, String runId, Clock clock) {
    try {
      tracking.tagWithin(LIMIT, runId, tag(clock));
    } catch (RuntimeException e) {
      // the next one may arrive; an exception would end them all
      LOG.debug("A heartbeat of run {} did not arrive.", runId, e);
    }
  }

  @Override
  public void close() {
    beating.shutdownNow();
  }

  /** Ends the runs of an experiment whose jobs are dead; a failure is only logged. */
  static void endDead(TrackingCalls tracking, String experimentId, Clock clock) {
    try {
      List<Run> running = tracking.running(experimentId);
      String now = text(clock.instant());
      Set<String> dead =
          running.stream()
              .filter(
                  run -> run.tags().getOrDefault(MlflowTags.ALIVE_UNTIL, now).compareTo(now) < 0)
              .map(Run::id)
              .collect(Collectors.toSet());
      for (Run run : running) {
        if (dead.contains(run.id()) || dead.contains(run.tags().get(MlflowTags.PARENT_RUN))) {
          LOG.warn("Run {} is RUNNING, but its job is dead; ending it.", run.id());
          tracking.setTags(run.id(), Map.of(MlflowTags.ERROR, DEAD));
          tracking.endRun(run.id(), RunStatus.KILLED, clock.instant());
        }
      }
    } catch (MlflowException e) {
      LOG.warn("Runs of killed jobs may stay RUNNING. {}", e.getMessage());
    }
  }
}
