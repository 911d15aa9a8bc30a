package sparkmlflow;

import java.time.Duration;

/** How to wait. Passed in, so that a test of ten retries takes no time. */
@FunctionalInterface
public interface Pause {

  void of(Duration duration) throws InterruptedException;

  static Pause real() {
    return duration -> Thread.sleep(duration.toMillis());
  }
}
