package winequality.app.job;

import winequality.ExitCode;
import winequality.JobFailure;

/** A version came out another one when it was trained again; the message names what differs. */
public final class NotReproducedException extends JobFailure {
  private static final long serialVersionUID = 1L;

  public NotReproducedException(String message) {
    super(ExitCode.FAILED, message);
  }
}
