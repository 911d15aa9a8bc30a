package winequality.app.job;

import elasticnet.LearningException;
import elasticnet.solver.SolverException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import sparkmlflow.MlflowException;
import winequality.ExitCode;
import winequality.JobFailure;

/** Maps failures to exit codes. The libraries' exceptions carry none, so this class knows them. */
final class LibraryFailures {

  /** How the operating system says it; the exceptions around it vary. */
  private static final List<String> DISK =
      List.of("No space left on device", "Disk quota exceeded", "Read-only file system");

  private LibraryFailures() {}

  /** The failure, or one with advice if a disk took nothing more. */
  static Throwable advised(Throwable failure) {
    if (exitCode(failure).isPresent()) {
      return failure;
    }
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .map(cause -> String.valueOf(cause.getMessage()))
        .flatMap(message -> DISK.stream().filter(message::contains))
        .findFirst()
        .<Throwable>map(
            said ->
                new JobFailure(
                    ExitCode.FAILED,
                    "A disk took nothing more (%s). Make room, or let it be written, where the tables are, in java.io.tmpdir (%s) and in spark.local.dir; then run the job again. A table has only whole versions."
                        .formatted(said, System.getProperty("java.io.tmpdir")),
                    failure))
        .orElse(failure);
  }

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
