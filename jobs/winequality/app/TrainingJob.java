package winequality.app;

import winequality.mlflow.MlflowConnection;
import winequality.tracking.RunTracker;

/** The main job: CSV, table, split, fit, evaluation, run, version. */
public final class TrainingJob {

  private TrainingJob() {}

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("train", TrainingJob.class, job(), args);
  }

  static JobRunner.Job job() {
    return new Work();
  }

  private static final class Work implements JobRunner.Job {

    @Override
    public void rehearse(JobContext context) {
      context.meter().measure("data", () -> Training.source(context));
      try (MlflowConnection connection = MlflowConnection.open(context.settings().mlflow())) {
        context
            .meter()
            .measure(
                "tracking",
                () ->
                    connection
                        .tracking()
                        .experimentNamed(context.settings().mlflow().experimentName()));
      }
    }

    @Override
    public JobStatus run(JobContext context) {
      try (MlflowConnection connection = MlflowConnection.open(context.settings().mlflow())) {
        return new RunTracker(connection, context.clock())
            .during(
                Provenance.of(context), run -> new Training(context, connection, run).perform());
      }
    }
  }
}
