package winequality.app;

/**
 * The tracking tour: one run with a parameter, a stepped metric and a file, and nothing trained.
 */
public final class TrackingTourJob {

  private TrackingTourJob() {}

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("tour", TrackingTourJob.class, job(), args);
  }

  static JobRunner.Errand job() {
    return new TrackingTour();
  }
}
