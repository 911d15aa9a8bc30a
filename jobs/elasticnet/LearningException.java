package elasticnet;

import org.jspecify.annotations.Nullable;

/** The rows that were given cannot be learned from; the message says why and what to do. */
public final class LearningException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LearningException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
