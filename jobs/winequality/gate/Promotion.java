package winequality.gate;

import java.util.Optional;

/** The outcome of a promotion. */
public sealed interface Promotion {

  /** The version is the champion in place of another one. */
  record Done(Optional<String> replaced) implements Promotion {}

  /** Another promotion or rollback made a champion that the version was not compared with. */
  record Overtaken(Optional<String> champion) implements Promotion {}
}
