package sparkmlflow.run;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.RunSettings;
import sparkmlflow.tracking.Experiment;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import sparkmlflow.tracking.TagValues;
import sparkmlflow.wire.RestCalls;

/** Opens the run that the job fills: a new run, or an adopted one that somebody else created. */
public final class RunTracker {

  private static final Logger LOG = LoggerFactory.getLogger(RunTracker.class);

  private final MlflowConnection connection;
  private final Clock clock;
  private final JvmExit exit;
  private final Optional<Outbox> outbox;

  public RunTracker(MlflowConnection connection, Clock clock) {
    this(connection, clock, Optional.empty());
  }

  /**
   * @param outbox where the runs that {@link ActiveRun#keeping} covers are kept during an outage
   */
  public RunTracker(MlflowConnection connection, Clock clock, Optional<Outbox> outbox) {
    this(connection, clock, JvmExit.real(), outbox);
  }

  RunTracker(MlflowConnection connection, Clock clock, JvmExit exit, Optional<Outbox> outbox) {
    this.connection = connection;
    this.clock = clock;
    this.exit = exit;
    this.outbox = outbox;
  }

  @FunctionalInterface
  public interface Work<T, E extends Exception> {
    T in(ActiveRun run) throws E;
  }

  /**
   * Opens a run, does the work, finishes the run and returns the result. If the work throws, the
   * run is FAILED with the first line of the reason in a tag, and the exception is rethrown.
   *
   * <p>If the work was done but the server cannot be told that the run is finished, the run is
   * FAILED with the tag {@link MlflowTags#WORK}; a version that the work registered exists.
   *
   * @throws MlflowException as {@link #open} and {@link ActiveRun#finish} do
   */
  public <T, E extends Exception> T during(RunOrigin origin, Work<T, E> work) throws E {
    return during(open(origin), work);
  }

  /**
   * Opens a kept run again, does the work and finishes the run. The work sends what was kept, by
   * {@link ActiveRun#replay}.
   *
   * @throws MlflowException if the server is not reached or refuses, or the run is deleted
   */
  public <T, E extends Exception> T reopened(KeptRun kept, Work<T, E> work) throws E {
    ActiveRun open =
        guarded(
            () -> {
              Run run = found(kept);
              // before anything of a run that others may have filled since is touched
              ActiveRun.requireNoOther(run, kept, connection.artifacts(run));
              connection.tracking().resumeRun(run.id(), "");
              return ActiveRun.of(
                  connection, run, ActiveRun.Ownership.REOPENED, clock, exit, Optional.empty());
            });
    return during(
        open,
        run -> {
          connection.tracking().setTags(kept.runId(), Heartbeat.tag(clock));
          run.beat();
          T result = work.in(run);
          Set<String> tags = connection.tracking().run(kept.runId()).tags().keySet();
          Stream.of(MlflowTags.ERROR, MlflowTags.WORK)
              .filter(tags::contains)
              .forEach(tag -> connection.tracking().deleteTag(kept.runId(), tag));
          return result;
        });
  }

  private Run found(KeptRun kept) {
    try {
      return usable(kept.runId(), "publish run", "or delete " + kept.folder());
    } catch (MlflowException e) {
      if (!e.has(RestCalls.MISSING)) {
        throw e;
      }
      throw e.with(
          "The run was opened as %s%s; set the address and workspace of that server. If the run was removed there for good (mlflow gc), %s can no longer be published: delete the folder and train again."
              .formatted(
                  kept.url(),
                  kept.workspace().isEmpty() ? "" : " in the workspace " + kept.workspace(),
                  kept.folder()));
    }
  }

  private static <T, E extends Exception> T during(ActiveRun open, Work<T, E> work) throws E {
    try (ActiveRun run = open) {
      try {
        T result = work.in(run);
        if (run.isOpen()) {
          run.finish();
        }
        return result;
      } catch (Throwable reason) {
        run.fail(reason);
        throw reason;
      }
    }
  }

  /**
   * Opens a run, which is RUNNING then and must be closed.
   *
   * <p>If the settings name a run to adopt, it is that run, resumed if it had ended, as Python's
   * {@code start_run(run_id=...)} does. It keeps its experiment, its params and the tags that say
   * who created it.
   *
   * <p>If the answer to a create request is lost, the server is searched for the run before another
   * one is created. A second run that a slow server creates still later ends FAILED with this one.
   *
   * @throws MlflowException if the server is not reached or refuses, the run does not exist, or the
   *     experiment or the run is in the server's trash
   * @throws IllegalStateException if the JVM is shutting down
   */
  public ActiveRun open(RunOrigin origin) {
    Optional<String> adopted = connection.settings().run().adoptedRunId();
    return guarded(() -> adopted.isPresent() ? adopt(adopted.get(), origin) : create(origin));
  }

  /**
   * Describes where {@link #open} would log to, such as {@code experiment "wine" (id 7)}. It asks
   * the server but changes nothing.
   *
   * @throws MlflowException if {@code open} would, or if the artifact root of the run to adopt is
   *     out of reach
   */
  public String probe() {
    Optional<String> adopted = connection.settings().run().adoptedRunId();
    if (adopted.isPresent()) {
      Run run = adoptable(adopted.get());
      connection.artifacts(run);
      return "run %s in experiment %s, which is %s"
          .formatted(run.id(), run.experimentId(), run.status());
    }
    return existing()
        .map(found -> "experiment \"%s\" (id %s)".formatted(found.name(), found.id()))
        .orElseGet(
            () ->
                "experiment \"%s\", which does not exist yet and would be created"
                    .formatted(connection.settings().run().experimentName()));
  }

  /** Opens a child run with a name; it is RUNNING then and must be closed. */
  public ActiveRun openChild(ActiveRun parent, String name, RunOrigin origin) {
    Map<String, String> tags = origin.allTags();
    tags.put(MlflowTags.PARENT_RUN, parent.run().id());
    return guarded(() -> create(parent.run().experimentId(), name, tags, Optional.empty()));
  }

  /**
   * Covers a signal between the server's creation of the run and the registration of the run's own
   * hook: the JVM waits until that is done or the run has been ended.
   */
  private ActiveRun guarded(Supplier<ActiveRun> opening) {
    CountDownLatch opened = new CountDownLatch(1);
    Thread guard = new Thread(() -> await(opened), "open-mlflow-run");
    exit.register(guard);
    try {
      return opening.get();
    } finally {
      opened.countDown();
      exit.unregister(guard);
    }
  }

  private static void await(CountDownLatch opened) {
    try {
      if (!opened.await(RunEnding.EXIT_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.error("The JVM exits while a run is being opened; it may stay RUNNING on the server.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ActiveRun create(RunOrigin origin) {
    String name = connection.settings().run().experimentName();
    // if another job creates the experiment meanwhile, it may also have deleted it
    Experiment experiment =
        existing()
            .orElseGet(
                () ->
                    unlessDeleted(connection.tracking().createExperiment(name), "experiment name"));
    Map<String, String> tags = origin.allTags();
    tags.putAll(Heartbeat.tag(clock));
    ActiveRun run = create(experiment.id(), connection.settings().run().runName(), tags, outbox);
    run.beat();
    Heartbeat.endDead(connection.tracking(), experiment.id(), clock);
    return run;
  }

  /**
   * Ends the runs in the experiment whose jobs are dead, as {@link #open} does; for jobs that may
   * open none. What the server refuses is a warning.
   *
   * @throws MlflowException if the server is not reached
   */
  public void endDead() {
    try {
      existing().ifPresent(found -> Heartbeat.endDead(connection.tracking(), found.id(), clock));
    } catch (MlflowException e) {
      if (e.outlook() != MlflowException.Outlook.FINAL) {
        throw e;
      }
      LOG.warn("Runs of killed jobs may stay RUNNING. {}", e.getMessage());
    }
  }

  private ActiveRun create(
      String experimentId, String name, Map<String, String> tags, Optional<Outbox> keeping) {
    Run run =
        connection
            .tracking()
            .createRun(
                experimentId,
                name,
                clock.instant(),
                UUID.randomUUID().toString(),
                TagValues.shortened(tags));
    return ActiveRun.of(connection, run, ActiveRun.Ownership.CREATED, clock, exit, keeping);
  }

  private Run adoptable(String runId) {
    return usable(runId, "adopt run", "or unset MLFLOW_RUN_ID");
  }

  private Run usable(String runId, String operation, String orElse) {
    Run run = connection.tracking().run(runId);
    if (run.deleted()) {
      throw MlflowException.refused(
          operation + " " + runId,
          "Run %s is deleted. Restore it (mlflow runs restore --run-id %s) %s."
              .formatted(runId, runId, orElse));
    }
    return run;
  }

  private ActiveRun adopt(String runId, RunOrigin origin) {
    Run run = adoptable(runId);
    if (run.status() != RunStatus.RUNNING) {
      LOG.info("Run {} is {}; resuming it.", runId, run.status());
    }
    connection.tracking().resumeRun(runId, connection.settings().run().runName());
    ActiveRun active =
        ActiveRun.of(connection, run, ActiveRun.Ownership.ADOPTED, clock, exit, outbox);
    try {
      Map<String, String> tags = origin.asTags();
      tags.keySet().removeAll(run.tags().keySet());
      tags.putAll(origin.tags());
      active.tags(tags);
      // not by the run, which notes what it sends: in an outbox this tag would become old
      connection.tracking().setTags(runId, Heartbeat.tag(clock));
      active.beat();
      Heartbeat.endDead(connection.tracking(), run.experimentId(), clock);
      return active;
    } catch (RuntimeException | Error e) {
      active.fail(e);
      throw e;
    }
  }

  private Optional<Experiment> existing() {
    RunSettings settings = connection.settings().run();
    if (!settings.experimentId().isEmpty()) {
      Experiment found = connection.tracking().experiment(settings.experimentId());
      return Optional.of(unlessDeleted(found, "experiment id"));
    }
    return connection
        .tracking()
        .experimentNamed(settings.experimentName())
        .map(found -> unlessDeleted(found, "experiment name"));
  }

  private static Experiment unlessDeleted(Experiment experiment, String key) {
    if (experiment.deleted()) {
      throw MlflowException.refused(
          "use the experiment",
          "Experiment \"%s\" (id %s, from %s) is deleted, and its name stays taken. Restore it (mlflow experiments restore --experiment-id %s) or set another %s."
              .formatted(experiment.name(), experiment.id(), key, experiment.id(), key));
    }
    return experiment;
  }
}
