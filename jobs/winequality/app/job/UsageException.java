package winequality.app.job;

import winequality.ExitCode;
import winequality.JobFailure;

/**
 * The command line asks for something that cannot be done; the message says what and what to do.
 */
public final class UsageException extends JobFailure {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(ExitCode.USAGE, message);
  }
}
