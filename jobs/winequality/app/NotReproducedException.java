package winequality.app;

/** A version came out another one when it was trained again; the message names what differs. */
final class NotReproducedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotReproducedException(String message) {
    super(message);
  }
}
