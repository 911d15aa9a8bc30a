package winequality.app.job;

import java.util.Optional;
import winequality.config.Settings;

/** What a main class does between command line and result file. */
sealed interface Job permits SparkJob, DriverJob {

  /** Options besides those of every job, as an object for picocli. */
  default Optional<Object> options() {
    return Optional.empty();
  }

  /**
   * Passes if the job can be done with what it is told, by that alone.
   *
   * @throws UsageException if not; before a session is opened or anything is looked at
   */
  default void require(JobOptions given, Settings settings) {}
}
