package winequality.app;

/** Trains a registered version again from what its run recorded, and compares. */
public final class ReproductionJob {

  private ReproductionJob() {}

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("reproduce", ReproductionJob.class, job(), args);
  }

  static JobRunner.Job job() {
    return new ReproductionWork();
  }
}
