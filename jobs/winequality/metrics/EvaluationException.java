package winequality.metrics;

import winequality.ExitCode;
import winequality.JobFailure;

/** One side of the split has no row to be evaluated on; the message says which and what to do. */
public final class EvaluationException extends JobFailure {
  private static final long serialVersionUID = 1L;

  public EvaluationException(String message) {
    super(ExitCode.DATA_REFUSED, message);
  }
}
