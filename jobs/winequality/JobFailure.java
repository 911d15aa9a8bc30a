package winequality;

import org.jspecify.annotations.Nullable;

/** A failure that the job foresees: the message says what is wrong and what to do about it. */
public abstract class JobFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  protected JobFailure(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  protected JobFailure(ExitCode exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** What the main class tells the shell. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
