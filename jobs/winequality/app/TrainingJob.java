package winequality.app;

/** The main job: CSV, table, split, fit, evaluation, run, version. */
public final class TrainingJob {

  private TrainingJob() {}

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("train", TrainingJob.class, job(), args);
  }

  static TrainingWork job() {
    return new TrainingWork(
        (context, tracker, run) -> PenaltyChoice.asSet(context.settings().learning()));
  }
}
