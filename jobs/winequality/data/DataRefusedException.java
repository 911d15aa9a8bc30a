package winequality.data;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import winequality.ExitCode;
import winequality.JobFailure;

/** The source cannot be used; the message says what is wrong with it and what to do. */
public final class DataRefusedException extends JobFailure {
  private static final long serialVersionUID = 1L;

  // not serialised: the message has what people need
  private final transient Optional<RefusedSource> refused;

  public DataRefusedException(String message) {
    this(message, (Throwable) null);
  }

  public DataRefusedException(String message, RefusedSource refused) {
    super(ExitCode.DATA_REFUSED, message);
    this.refused = Optional.of(refused);
  }

  public DataRefusedException(String message, @Nullable Throwable cause) {
    super(ExitCode.DATA_REFUSED, message, cause);
    this.refused = Optional.empty();
  }

  public static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage())
        .lines()
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse("no message");
  }

  /** What was found; empty if the source was refused before it was read. */
  public Optional<RefusedSource> refused() {
    return refused;
  }
}
