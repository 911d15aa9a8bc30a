package winequality.app;

import java.util.Optional;
import sparkmlflow.MlflowConnection;
import winequality.app.job.JobContext;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.SparkJob;
import winequality.app.training.Training;

/** The main job: CSV, table, split, fit, evaluation, run, version. */
public final class TrainingJob implements SparkJob {

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("train", new TrainingJob(), args);
  }

  @Override
  public void rehearse(JobContext context) {
    Training.rehearse(context);
  }

  @Override
  public JobStatus run(JobContext context) {
    try (MlflowConnection connection = context.connect()) {
      return new Training(context, connection, Optional.empty()).run();
    }
  }
}
