package winequality.gate;

import java.util.Optional;

/** The outcome of a promotion. */
public sealed interface Promotion {

  /**
   * The version is the champion.
   *
   * @param replaced the champion before
   */
  record Done(Optional<String> replaced) implements Promotion {}

  /**
   * Another promotion or rollback was faster, so the version would replace a champion that it was
   * not compared with.
   *
   * @param champion the champion now
   */
  record Overtaken(Optional<String> champion) implements Promotion {}
}
