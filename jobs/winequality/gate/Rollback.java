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

  /**
   * No earlier champion is left; nothing was changed.
   *
   * @param why a sentence with a full stop, and what to do
   */
  record Impossible(String why) implements Rollback {}
}
