package winequality.app.job;

import java.util.Optional;
import winequality.config.Settings;

/** What a command does between command line and result file. */
sealed interface Job<C> permits SparkJob, DriverJob {

  JobStatus run(C context);

  /** Checks what the job needs and writes nothing. */
  void rehearse(C context);

  /** The options that only this job takes, as an object for picocli. */
  default Optional<Object> options() {
    return Optional.empty();
  }

  /** Whether {@code --alpha} and {@code --lambda} are for this job. */
  default boolean takesPenalty() {
    return false;
  }

  /**
   * Called before anything is read.
   *
   * @throws UsageException if the job cannot run with these options and settings
   */
  default void require(JobOptions given, Settings settings) {}
}
