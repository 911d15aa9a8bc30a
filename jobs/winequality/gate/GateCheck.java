package winequality.gate;

/**
 * One condition of a promotion, with what was found.
 *
 * @param name the same for the same condition everywhere, such as {@code rmse}
 * @param value what was found
 * @param bound what the value was held against
 * @param passed whether the condition is met
 * @param text the same as a sentence without a full stop
 */
public record GateCheck(String name, double value, double bound, boolean passed, String text) {

  /** Passes if the value is at most the bound. */
  static GateCheck atMost(String name, double bound, double value, String text) {
    // written so that NaN fails too
    return new GateCheck(name, value, bound, value <= bound, text);
  }
}
