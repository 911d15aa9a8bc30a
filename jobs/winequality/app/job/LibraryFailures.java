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

  /** The failure, or one with advice if a disk is full or read-only. */
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
                    "A disk is full or read-only (%s). Make room, or give the job the right to write: in the folders of the tables, in java.io.tmpdir (%s) and in spark.local.dir. Then run the job again; no table has a half-written version."
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
