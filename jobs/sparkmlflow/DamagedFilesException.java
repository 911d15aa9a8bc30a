package sparkmlflow;

import org.jspecify.annotations.Nullable;

/**
 * Files that a run or a version should have are missing, cut short, not those that were stored, or
 * none that can be fetched. Apart from {@link MlflowException} in general, since the server is
 * there and asking it again helps nothing: another version has to be used, or the files brought
 * back.
 */
public final class DamagedFilesException extends MlflowException {

  private static final long serialVersionUID = 1L;

  /**
   * Says what is damaged.
   *
   * @param operation completes "Could not ...", such as {@code download the model}
   * @param why one or more sentences: what is wrong with the files
   */
  public DamagedFilesException(String operation, String why) {
    this(operation, why, null);
  }

  /** With the failure that told of it. */
  public DamagedFilesException(String operation, String why, @Nullable Throwable cause) {
    super(0, null, Outlook.FINAL, null, message(operation, why), cause);
  }
}
