package winequality.app.job;

import winequality.ExitCode;
import winequality.JobFailure;

/** The command line asks for something impossible; the message says what to do instead. */
public final class UsageException extends JobFailure {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(ExitCode.USAGE, message);
  }
}
