package winequality.app.job;

import elasticnet.LearningException;
import elasticnet.solver.SolverException;
import java.util.Optional;
import sparkmlflow.MlflowException;
import winequality.ExitCode;
import winequality.JobFailure;

/** Maps failures to exit codes. The libraries' exceptions carry none, so this class knows them. */
final class LibraryFailures {

  private LibraryFailures() {}

  /** The exit code of a foreseen failure; empty for any other. */
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
