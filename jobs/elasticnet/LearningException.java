package elasticnet;

import org.jspecify.annotations.Nullable;

/** Nothing can be learned from the given rows; the message says why and what to do. */
public class LearningException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LearningException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** A fold of a cross-validation has no row. */
  public static final class EmptyFold extends LearningException {
    private static final long serialVersionUID = 1L;

    public EmptyFold(String message) {
      super(message, null);
    }
  }

  public static LearningException noRows(@Nullable Throwable cause) {
    return new LearningException(
        "No row is on the train side, so nothing can be fitted; add rows (a weight of 0 does not count) or train with a larger share of them",
        cause);
  }
}
