package winequality.metrics;

import winequality.ExitCode;
import winequality.JobFailure;

/** There are no rows to evaluate; the message names the side and what to do. */
public final class EvaluationException extends JobFailure {
  private static final long serialVersionUID = 1L;

  public EvaluationException(String message) {
    super(ExitCode.DATA_REFUSED, message);
  }
}
