package winequality.app.job;

import elasticnet.LearningException;
import elasticnet.solver.SolverException;
import java.util.Optional;
import sparkmlflow.MlflowException;
import winequality.ExitCode;
import winequality.JobFailure;

/** Gives the exceptions of the libraries, which know no job, the exit codes of the job. */
final class LibraryFailures {

  private LibraryFailures() {}

  /** The code of a foreseen failure, whoever threw it; empty for any other. */
  static Optional<ExitCode> exitCode(Throwable failure) {
    if (failure instanceof JobFailure foreseen) {
      return Optional.of(foreseen.exitCode());
    }
    if (failure instanceof MlflowException) {
      return Optional.of(ExitCode.TRACKING);
    }
    if (failure instanceof LearningException) {
      return Optional.of(ExitCode.DATA_REFUSED);
    }
    return failure instanceof SolverException ? Optional.of(ExitCode.FAILED) : Optional.empty();
  }
}
