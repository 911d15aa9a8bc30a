package sparkmlflow;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import sparkmlflow.wire.Failures;

/**
 * MLflow was not reached or refused a call. The message names the call, the host, the answer and
 * what to do. Secrets are masked in it and in its causes.
 */
public sealed class MlflowException extends RuntimeException permits DamagedFilesException {

  private static final long serialVersionUID = 1L;

  /** Whether another attempt of the same call may succeed. */
  public enum Outlook {
    /** It would fail in the same way. */
    FINAL,
    /** It may succeed, and this attempt changed nothing on the server. */
    NOT_DONE,
    /** It may succeed; nobody knows whether this attempt took effect on the server. */
    UNKNOWN
  }

  private final int status;
  private final @Nullable String errorCode;
  private final Outlook outlook;
  private final @Nullable Duration retryAfter;

  public MlflowException(
      int status,
      @Nullable String errorCode,
      Outlook outlook,
      @Nullable Duration retryAfter,
      String message,
      @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
    this.errorCode = errorCode;
    this.outlook = outlook;
    this.retryAfter = retryAfter;
  }

  /**
   * A failure without a failed call: the state of server or machine forbids the operation.
   *
   * @param operation completes "Could not ...", such as {@code adopt the run}
   * @param why one or more sentences: why, and what to do
   */
  public static MlflowException refused(String operation, String why) {
    return refused(operation, why, null);
  }

  public static MlflowException refused(String operation, String why, @Nullable Throwable cause) {
    return unanswered(operation, Outlook.FINAL, why, cause);
  }

  public static MlflowException unanswered(
      String operation, Outlook outlook, String why, @Nullable Throwable cause) {
    return new MlflowException(0, null, outlook, null, message(operation, why), cause);
  }

  public static String message(String operation, String why) {
    return "Could not " + operation + ": " + why;
  }

  /** A copy with a remark at the end of the message. */
  public MlflowException with(String remark) {
    MlflowException copy =
        new MlflowException(
            status, errorCode, outlook, retryAfter, getMessage() + " " + remark, getCause());
    copy.setStackTrace(getStackTrace());
    return copy;
  }

  /** The HTTP status, if there was an answer. */
  public OptionalInt status() {
    return status == 0 ? OptionalInt.empty() : OptionalInt.of(status);
  }

  /** MLflow's error code, such as {@code RESOURCE_DOES_NOT_EXIST}, if the answer had one. */
  public Optional<String> errorCode() {
    return Optional.ofNullable(errorCode);
  }

  /** Whether the server rejected the login itself. */
  public boolean refusedLogin() {
    return Failures.refusedLogin(status, String.valueOf(getMessage()));
  }

  public boolean has(String code) {
    return code.equals(errorCode);
  }

  public Outlook outlook() {
    return outlook;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
