package winequality.gate;

import java.util.Optional;

/** The outcome of a rollback. */
public sealed interface Rollback {

  /**
   * An earlier champion is the champion again.
   *
   * @param from the version that was rolled back
   * @param to the champion now
   * @param further the version to which another rollback would lead
   */
  record Done(String from, String to, Optional<String> further) implements Rollback {}

  /** No earlier champion is left; nothing was changed. {@code why} ends with a full stop. */
  record Impossible(String why) implements Rollback {}
}
