package sparkmlflow;

import org.jspecify.annotations.Nullable;

/**
 * Files of a run or a version are missing, truncated, changed or cannot be fetched. The server is
 * reachable, so another attempt does not help: use another version, or restore the files.
 */
public final class DamagedFilesException extends MlflowException {

  private static final long serialVersionUID = 1L;

  /** {@code operation} completes "Could not ..."; {@code why} is one or more sentences. */
  public DamagedFilesException(String operation, String why) {
    this(operation, why, null);
  }

  /** The same with the failure that revealed it. */
  public DamagedFilesException(String operation, String why, @Nullable Throwable cause) {
    super(0, null, Outlook.FINAL, null, message(operation, why), cause);
  }
}
