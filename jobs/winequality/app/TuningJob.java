package winequality.app;

import elasticnet.LearningSettings;
import java.util.Optional;
import winequality.app.job.JobContext;
import winequality.app.job.JobOptions;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.SparkJob;
import winequality.app.job.UsageException;
import winequality.app.training.TakenIn;
import winequality.app.training.Training;
import winequality.config.Settings;

/** Chooses the penalty by cross-validation, then trains like {@link TrainingJob}. */
public final class TuningJob implements SparkJob {

  public static void main(String[] args) {
    JobRunner.main("tune", new TuningJob(), args);
  }

  @Override
  public void require(JobOptions given, Settings settings) {
    if (given.choosePenalty()) {
      throw new UsageException(
          "--alpha and --lambda are for train; tune chooses both. To try only these values, give --set tuning.elastic-net-params=[A] and --set tuning.grid.reg-params=[L]");
    }
    TakenIn.require(settings.data());
    // the cross-validation works on sums of squares of centred columns
    LearningSettings learning = settings.learning();
    if (!learning.fitIntercept()) {
      throw new UsageException(
          "learning.fit-intercept is false; it must be true for tuning, which works on centred columns");
    }
    if (!learning.loss().equals("squaredError")) {
      throw new UsageException(
          "learning.loss is %s; it must be squaredError for tuning, which works on sums of squares"
              .formatted(learning.loss()));
    }
  }

  @Override
  public void rehearse(JobContext context) {
    Training.rehearse(context);
  }

  @Override
  public JobStatus run(JobContext context) {
    return Training.run(context, Optional.of(context.settings().tuning()));
  }
}
