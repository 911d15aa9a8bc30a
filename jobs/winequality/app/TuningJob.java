package winequality.app;

import elasticnet.LearningSettings;
import java.util.Optional;
import sparkmlflow.MlflowConnection;
import winequality.app.job.JobContext;
import winequality.app.job.JobOptions;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.SparkJob;
import winequality.app.job.UsageException;
import winequality.app.training.Training;
import winequality.config.Settings;

/** Cross-validates a path of penalties in one pass, then does the main job with the winner. */
public final class TuningJob implements SparkJob {

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("tune", new TuningJob(), args);
  }

  @Override
  public void require(JobOptions given, Settings settings) {
    if (given.choosePenalty()) {
      throw new UsageException(
          "--alpha and --lambda are for train; tune chooses both. To try these values alone give --set tuning.elastic-net-params=[A] and --set tuning.grid.reg-params=[L]");
    }
    // sums of squares and centred statistics are all that the cross-validation knows
    LearningSettings learning = settings.learning();
    if (!learning.fitIntercept()) {
      throw new UsageException(
          "learning.fit-intercept is false; it must be true for tuning, which works on centred statistics");
    }
    if (!learning.loss().equals("squaredError")) {
      throw new UsageException(
          "learning.loss is %s; it must be squaredError for tuning, which knows sums of squares only"
              .formatted(learning.loss()));
    }
  }

  @Override
  public void rehearse(JobContext context) {
    Training.rehearse(context);
  }

  @Override
  public JobStatus run(JobContext context) {
    try (MlflowConnection connection = context.connect()) {
      return new Training(context, connection, Optional.of(context.settings().tuning())).run();
    }
  }
}
