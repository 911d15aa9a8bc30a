package winequality.app;

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
              Training.rehearse(context);
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
      RunTracker tracker = new RunTracker(connection, context.clock());
      return tracker.during(
          Provenance.of(context),
          run ->
              new Training(context, connection, run, choosing.by(context, tracker, run)).perform());
    }
  }

  private static MlflowConnection connection(JobContext context) {
    return MlflowConnection.open(
        context.settings().mlflow(), context.spark().sparkContext().hadoopConfiguration());
  }
}
