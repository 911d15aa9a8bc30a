package winequality.tracking;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.mlflow.Experiment;
import winequality.mlflow.MlflowConnection;
import winequality.mlflow.MlflowSettings;
import winequality.mlflow.Run;
import winequality.mlflow.RunStatus;

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
   * @throws winequality.mlflow.MlflowException if the server is not reached or refuses, or the run
   *     does not exist
   * @throws IllegalStateException if the experiment or the run is in the server's trash
   */
  public ActiveRun open(RunOrigin origin) {
    Optional<String> adopted = connection.settings().adoptedRunId();
    return guarded(() -> adopted.isPresent() ? adopt(adopted.get(), origin) : create(origin));
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
   * @throws winequality.mlflow.MlflowException if the server is not reached or refuses
   */
  public ActiveRun openChild(ActiveRun parent, String name, RunOrigin origin) {
    Map<String, String> tags = new LinkedHashMap<>(origin.asTags());
    tags.putAll(origin.tags());
    tags.put("mlflow.parentRunId", parent.run().id());
    return guarded(() -> create(parent.run().experimentId(), name, tags));
  }

  private static void await(CountDownLatch opened) {
    try {
      if (!opened.await(ActiveRun.EXIT_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.error("The JVM ends while a run is being opened; it may stay RUNNING on the server.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ActiveRun create(RunOrigin origin) {
    Experiment experiment = experiment();
    Map<String, String> tags = new LinkedHashMap<>(origin.asTags());
    tags.putAll(origin.tags());
    return create(experiment.id(), connection.settings().runName(), tags);
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

  private ActiveRun adopt(String runId, RunOrigin origin) {
    Run run = connection.tracking().run(runId);
    if (run.deleted()) {
      throw new IllegalStateException(
          "Run %s, set as mlflow.run-id, is deleted. Restore it (mlflow runs restore --run-id %s) or unset MLFLOW_RUN_ID."
              .formatted(runId, runId));
    }
    if (run.status() != RunStatus.RUNNING) {
      LOG.info("Run {} is {}; it is resumed.", runId, run.status());
    }
    connection.tracking().resumeRun(runId, connection.settings().runName());
    ActiveRun active = ActiveRun.of(connection, run, ActiveRun.Ownership.ADOPTED, clock, exit);
    try {
      Map<String, String> tags = new LinkedHashMap<>(origin.asTags());
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
    MlflowSettings settings = connection.settings();
    if (!settings.experimentId().isEmpty()) {
      Experiment experiment = connection.tracking().experiment(settings.experimentId());
      refuseDeleted(experiment, "mlflow.experiment-id");
      return experiment;
    }
    Optional<Experiment> found = connection.tracking().experimentNamed(settings.experimentName());
    Experiment experiment =
        found.orElseGet(() -> connection.tracking().createExperiment(settings.experimentName()));
    refuseDeleted(experiment, "mlflow.experiment-name");
    return experiment;
  }

  private static void refuseDeleted(Experiment experiment, String key) {
    if (experiment.deleted()) {
      throw new IllegalStateException(
          "Experiment \"%s\" (id %s, from %s) is deleted, and its name stays taken. Restore it (mlflow experiments restore --experiment-id %s) or set another %s."
              .formatted(experiment.name(), experiment.id(), key, experiment.id(), key));
    }
  }
}
