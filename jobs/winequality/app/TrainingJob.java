package winequality.app;

import java.util.Optional;
import winequality.app.job.JobContext;
import winequality.app.job.JobOptions;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.SparkJob;
import winequality.app.training.TakenIn;
import winequality.app.training.Training;
import winequality.config.Settings;

/** The main job: trains a model with the penalty of the settings. */
public final class TrainingJob implements SparkJob {

  public static void main(String[] args) {
    JobRunner.main("train", new TrainingJob(), args);
  }

  @Override
  public boolean takesPenalty() {
    return true;
  }

  @Override
  public void require(JobOptions given, Settings settings) {
    TakenIn.require(settings.data());
  }

  @Override
  public void rehearse(JobContext context) {
    Training.rehearse(context);
  }

  @Override
  public JobStatus run(JobContext context) {
    return Training.run(context, Optional.empty());
  }
}
