package winequality.app;

/** The scheduled job: trains if something has changed since the champion, and gates the result. */
public final class RetrainingJob {

  private RetrainingJob() {}

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("retrain", RetrainingJob.class, job(), args);
  }

  static JobRunner.Job job() {
    return new RetrainingWork();
  }
}
