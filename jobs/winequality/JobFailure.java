package winequality;

import org.jspecify.annotations.Nullable;

/** A foreseen failure: its message says what is wrong and what to do, without a stack trace. */
public class JobFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  public JobFailure(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  public JobFailure(ExitCode exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public ExitCode exitCode() {
    return exitCode;
  }
}
