package winequality.gate;

/**
 * The result of one condition of a promotion.
 *
 * @param name a fixed name for the condition, such as {@code rmse}
 * @param bound what the value was compared with
 * @param text a sentence without a full stop
 */
public record GateCheck(String name, double value, double bound, boolean passed, String text) {

  /** Passes if the value is at most the bound. */
  static GateCheck atMost(String name, double bound, double value, String text) {
    // written so that NaN fails too
    return new GateCheck(name, value, bound, value <= bound, text);
  }
}
