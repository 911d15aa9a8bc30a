package winequality.app;

import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.config.Settings;
import winequality.mlflow.MlflowConnection;
import winequality.tracking.ActiveRun;
import winequality.tracking.RunTracker;

/** What every job does that ends in a trained model: a connection, a run, a training in it. */
final class TrainingWork implements JobRunner.Job {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingWork.class);

  /** Makes the choice of the penalty for an open run. */
  interface Choosing {
    PenaltyChoice by(JobContext context, RunTracker tracker, ActiveRun run);
  }

  /** What a job asks for beyond what every training does. */
  interface Requirement {
    /**
     * Passes if the job can be done.
     *
     * @throws UsageException if not
     */
    void on(JobOptions given, Settings settings);
  }

  private final Requirement requirement;
  private final Choosing choosing;

  TrainingWork(Choosing choosing) {
    this((given, settings) -> {}, choosing);
  }

  TrainingWork(Requirement requirement, Choosing choosing) {
    this.requirement = requirement;
    this.choosing = choosing;
  }

  @Override
  public void require(JobOptions given, Settings settings) {
    requirement.on(given, settings);
  }

  @Override
  public void rehearse(JobContext context) {
    context
        .meter()
        .measure(
            "data",
            () -> {
              TakenIn.rehearse(context);
              return JobStatus.DRY_RUN;
            });
    try (MlflowConnection connection = connection(context)) {
      String found =
          context
              .meter()
              .measure("tracking", () -> new RunTracker(connection, context.clock()).probe());
      LOG.info("{}", found);
    }
  }

  @Override
  public JobStatus run(JobContext context) {
    try (MlflowConnection connection = connection(context)) {
      return inRun(context, connection, Training::perform);
    }
  }

  /**
   * Trains from what was taken in before.
   *
   * @param more what else the run gets, before the training
   */
  JobStatus run(
      JobContext context, MlflowConnection connection, TakenIn taken, Consumer<ActiveRun> more) {
    return inRun(
        context,
        connection,
        training -> {
          more.accept(training.run());
          return training.perform(taken);
        });
  }

  private JobStatus inRun(
      JobContext context, MlflowConnection connection, Function<Training, JobStatus> work) {
    RunTracker tracker = new RunTracker(connection, context.clock());
    return tracker.during(
        Provenance.of(context),
        run ->
            work.apply(new Training(context, connection, run, choosing.by(context, tracker, run))));
  }

  /** The connection of a job in a session. */
  static MlflowConnection connection(JobContext context) {
    return MlflowConnection.open(
        context.settings().mlflow(), context.spark().sparkContext().hadoopConfiguration());
  }
}
