package winequality.app;

/** Cross-validates a path of penalties in one pass, then does the main job with the winner. */
public final class TuningJob {

  private TuningJob() {}

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("tune", TuningJob.class, job(), args);
  }

  static TrainingWork job() {
    return new TrainingWork(Tuning::require, Tuning::new);
  }
}
