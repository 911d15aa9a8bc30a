package winequality.app;

import java.util.Optional;
import winequality.config.Settings;
import winequality.mlflow.MlflowConnection;

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
    try {
      settings.tuning().requireSameModelAs(settings.learning());
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
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
