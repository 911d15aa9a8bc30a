package winequality.data;

import org.jspecify.annotations.Nullable;

/** The source cannot be used as it is; the message says what is wrong with it and what to do. */
public final class DataRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DataRefusedException(String message) {
    this(message, null);
  }

  public DataRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
