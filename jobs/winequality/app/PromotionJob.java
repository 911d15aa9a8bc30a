package winequality.app;

/** Promotes a version by hand, rolls back, or brings a version to another registry or name. */
public final class PromotionJob {

  private PromotionJob() {}

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("promote", PromotionJob.class, job(), args);
  }

  static JobRunner.Errand job() {
    return new PromotionWork();
  }
}
