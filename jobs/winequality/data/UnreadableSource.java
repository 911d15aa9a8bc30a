package winequality.data;

import org.apache.spark.SparkThrowable;

/** Recognises failures of reading a source's files. */
public final class UnreadableSource {

  private UnreadableSource() {}

  /**
   * The exception to throw: only an error while reading a file counts against the source; a full
   * local disk does not.
   *
   * @param setting the key of the source
   * @param state a sentence about what is unchanged, for the end of the message; may be empty
   * @param e from an action on the source's rows; also a checked one, which Spark does not declare
   */
  public static RuntimeException refusal(String setting, String source, String state, Exception e) {
    boolean reading = false;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String condition = cause instanceof SparkThrowable known ? known.getCondition() : null;
      reading |= condition != null && condition.startsWith("FAILED_READ_FILE");
      if (reading && cause.getCause() == null) {
        return new DataRefusedException(
            "%s \"%s\" could not be read to its end (%s: %s). It may be damaged, or have changed while it was read; check it and run the job again.%s"
                .formatted(
                    setting, source, cause.getClass().getSimpleName(), cause.getMessage(), state),
            e);
      }
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }
}
