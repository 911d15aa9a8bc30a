package sparkmlflow;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import sparkmlflow.wire.Failures;

/**
 * MLflow was not reached or refused. The message says what was asked of which host, what came back
 * and what to do; it holds no secret, nor does any cause.
 */
public sealed class MlflowException extends RuntimeException permits DamagedFilesException {

  private static final long serialVersionUID = 1L;

  /** What a further attempt of the same call can be expected to bring. */
  public enum Outlook {
    /** The same again. */
    FINAL,
    /** Perhaps success; this attempt has done nothing, for it never reached the server's work. */
    NOT_DONE,
    /** Perhaps success; whether this attempt has done its work nobody knows. */
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
   * A refusal that no failed call led to: what the server holds, or this machine, rules it out.
   *
   * @param operation completes "Could not ...", such as {@code adopt the run}
   * @param why one or more sentences: why, and what to do
   */
  public static MlflowException refused(String operation, String why) {
    return refused(operation, why, null);
  }

  /** A refusal with the failure that led to it. */
  public static MlflowException refused(String operation, String why, @Nullable Throwable cause) {
    return unanswered(operation, Outlook.FINAL, why, cause);
  }

  /** No answer. */
  public static MlflowException unanswered(
      String operation, Outlook outlook, String why, @Nullable Throwable cause) {
    return new MlflowException(0, null, outlook, null, message(operation, why), cause);
  }

  public static String message(String operation, String why) {
    return "Could not " + operation + ": " + why;
  }

  /** The same failure with a remark at the end of its message. */
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

  /** MLflow's own code, such as {@code RESOURCE_DOES_NOT_EXIST}, if the answer held one. */
  public Optional<String> errorCode() {
    return Optional.ofNullable(errorCode);
  }

  /** Whether it was the login that was not accepted. */
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
