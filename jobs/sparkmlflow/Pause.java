package sparkmlflow;

import java.time.Duration;

/** How the job waits. Passed in, so that a test of ten retries takes no time. */
@FunctionalInterface
public interface Pause {

  /**
   * Returns after the duration.
   *
   * @throws InterruptedException if the job is being stopped
   */
  void of(Duration duration) throws InterruptedException;

  /** Waits by the clock. */
  static Pause real() {
    return duration -> Thread.sleep(duration.toMillis());
  }
}
