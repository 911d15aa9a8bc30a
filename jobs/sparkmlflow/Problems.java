package sparkmlflow;

import java.util.List;

/** What is wrong with settings, said together. */
final class Problems {

  private Problems() {}

  /**
   * Passes if there is none.
   *
   * @throws IllegalArgumentException with one line for each
   */
  static void refuseAny(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }
}
