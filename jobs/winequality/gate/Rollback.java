package winequality.gate;

import java.util.Optional;

/** What came of a rollback. */
public sealed interface Rollback {

  /**
   * An earlier champion is the champion again.
   *
   * @param from the version that was rolled back
   * @param to the champion now
   * @param further where a further rollback would lead
   */
  record Done(String from, String to, Optional<String> further) implements Rollback {}

  /**
   * There is nowhere to go back to; nothing was changed.
   *
   * @param why a sentence with a full stop, and what to do
   */
  record Impossible(String why) implements Rollback {}
}
