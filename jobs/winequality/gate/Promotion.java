package winequality.gate;

import java.util.Optional;

/** What came of a promotion. */
public sealed interface Promotion {

  /**
   * The version is the champion.
   *
   * @param replaced the champion before
   */
  record Done(Optional<String> replaced) implements Promotion {}

  /**
   * Another promotion or rollback was faster, so that the version would take the place of a
   * champion that it was not compared with.
   *
   * @param champion who is the champion now
   */
  record Overtaken(Optional<String> champion) implements Promotion {}
}
