package sparkmlflow.run;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowSettings;
import sparkmlflow.MlflowTags;
import sparkmlflow.tracking.Experiment;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import sparkmlflow.tracking.TagValues;

/** Opens the run that the job fills: a new one, or one that somebody else created for it. */
public final class RunTracker {

  private static final Logger LOG = LoggerFactory.getLogger(RunTracker.class);

  private final MlflowConnection connection;
  private final Clock clock;
  private final JvmExit exit;

  /** Opens runs over the connection. */
  public RunTracker(MlflowConnection connection, Clock clock) {
    this(connection, clock, JvmExit.real());
  }

  RunTracker(MlflowConnection connection, Clock clock, JvmExit exit) {
    this.connection = connection;
    this.clock = clock;
    this.exit = exit;
  }

  /** What is done while the run is open. */
  @FunctionalInterface
  public interface Work<T, E extends Exception> {
    /** Fills the run. */
    T in(ActiveRun run) throws E;
  }

  /**
   * What the work returns. The run is FINISHED then; if the work throws, the run is FAILED with the
   * first line of the reason as a tag, and the exception goes on.
   *
   * <p>The run is FINISHED after the work, so after the registration of a version that is part of
   * it. If the server cannot be told that the run is finished, the run is FAILED although its work
   * was done and its version exists; the tag {@link MlflowTags#WORK} says so.
   *
   * @throws MlflowException as {@link #open} and {@link ActiveRun#finish} do
   */
  public <T, E extends Exception> T during(RunOrigin origin, Work<T, E> work) throws E {
    try (ActiveRun run = open(origin)) {
      try {
        T result = work.in(run);
        run.finish();
        return result;
      } catch (Throwable reason) {
        run.fail(reason);
        throw reason;
      }
    }
  }

  /**
   * A run in state RUNNING, which must be closed.
   *
   * <p>With {@code mlflow.run-id} it is that run. A run that had ended is resumed, as Python's
   * {@code start_run(run_id=...)} does. Its experiment, its params and the tags that say who made
   * it stay.
   *
   * <p>If the answer to the making of a run is lost, it is looked for before another is made. A run
   * that a slow server makes later all the same is ended FAILED together with this one.
   *
   * @throws MlflowException if the server is not reached or refuses, or the run does not exist, or
   *     the experiment or the run is in the server's trash
   * @throws IllegalStateException if the JVM is ending
   */
  public ActiveRun open(RunOrigin origin) {
    Optional<String> adopted = connection.settings().run().adoptedRunId();
    return guarded(() -> adopted.isPresent() ? adopt(adopted.get(), origin) : create(origin));
  }

  /**
   * Where {@link #open} would log to, such as {@code experiment "wine" (id 7)}, by asking the
   * server in the same order: {@code mlflow.run-id}, {@code mlflow.experiment-id}, {@code
   * mlflow.experiment-name}. Nothing is written: an experiment that is missing stays so, and a run
   * keeps its state.
   *
   * @throws MlflowException if {@code open} would find the server not reached or refusing, the run
   *     or the id missing, one of them in the trash, or the run's artifact root out of reach
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
                "experiment \"%s\", which is not there yet and would be created"
                    .formatted(connection.settings().run().experimentName()));
  }

  private ActiveRun guarded(Supplier<ActiveRun> opening) {
    // A signal between the server's making the run and the run's own hook: the JVM waits until the
    // run has its hook or, since none can be registered any more, has been ended.
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

  /**
   * A run below another one, in state RUNNING, which must be closed.
   *
   * @param name shown in the list of runs
   * @throws MlflowException if the server is not reached or refuses
   */
  public ActiveRun openChild(ActiveRun parent, String name, RunOrigin origin) {
    Map<String, String> tags = origin.allTags();
    tags.put(MlflowTags.PARENT_RUN, parent.run().id());
    return guarded(() -> create(parent.run().experimentId(), name, tags));
  }

  private static void await(CountDownLatch opened) {
    try {
      if (!opened.await(RunEnding.EXIT_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.error("The JVM ends while a run is being opened; it may stay RUNNING on the server.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ActiveRun create(RunOrigin origin) {
    return create(experiment().id(), connection.settings().run().runName(), origin.allTags());
  }

  private ActiveRun create(String experimentId, String name, Map<String, String> tags) {
    Run run =
        connection
            .tracking()
            .createRun(
                experimentId,
                name,
                clock.instant(),
                UUID.randomUUID().toString(),
                TagValues.shortened(tags));
    return ActiveRun.of(connection, run, ActiveRun.Ownership.CREATED, clock, exit);
  }

  private Run adoptable(String runId) {
    Run run = connection.tracking().run(runId);
    if (run.deleted()) {
      throw MlflowException.refused(
          "adopt run " + runId,
          "Run %s, which was to be filled, is deleted. Restore it (mlflow runs restore --run-id %s) or unset MLFLOW_RUN_ID."
              .formatted(runId, runId));
    }
    return run;
  }

  private ActiveRun adopt(String runId, RunOrigin origin) {
    Run run = adoptable(runId);
    if (run.status() != RunStatus.RUNNING) {
      LOG.info("Run {} is {}; it is resumed.", runId, run.status());
    }
    connection.tracking().resumeRun(runId, connection.settings().run().runName());
    ActiveRun active = ActiveRun.of(connection, run, ActiveRun.Ownership.ADOPTED, clock, exit);
    try {
      Map<String, String> tags = origin.asTags();
      tags.keySet().removeAll(run.tags().keySet());
      tags.putAll(origin.tags());
      active.tags(tags);
      return active;
    } catch (RuntimeException | Error e) {
      active.fail(e);
      throw e;
    }
  }

  private Experiment experiment() {
    // somebody may make it meanwhile, and may have deleted it again
    return existing()
        .orElseGet(
            () ->
                unlessDeleted(
                    connection
                        .tracking()
                        .createExperiment(connection.settings().run().experimentName()),
                    "experiment name"));
  }

  private Optional<Experiment> existing() {
    MlflowSettings settings = connection.settings();
    if (!settings.run().experimentId().isEmpty()) {
      Experiment found = connection.tracking().experiment(settings.run().experimentId());
      return Optional.of(unlessDeleted(found, "experiment id"));
    }
    return connection
        .tracking()
        .experimentNamed(settings.run().experimentName())
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
