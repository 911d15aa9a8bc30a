package winequality.app;

/**
 * The command line asks for something that cannot be done; the message says what and what to do.
 */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
