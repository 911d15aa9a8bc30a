package winequality.app;

/** Scores a table with a registered version of the model, into a table of predictions. */
public final class BatchScoringJob {

  private BatchScoringJob() {}

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("score", BatchScoringJob.class, job(), args);
  }

  static JobRunner.Job job() {
    return new BatchScoringWork();
  }
}
