package winequality.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.OptionalDouble;
import winequality.metrics.Interval;

/** Numbers as people read them; a missing number is a dash. */
final class Figures {

  static final String MISSING = "–";

  private static final MathContext DIGITS = new MathContext(4, RoundingMode.HALF_EVEN);
  private static final double SMALLEST_PLAIN = 1e-4;
  private static final double LARGEST_PLAIN = 1e7;
  private static final double SMALLEST_P = 0.001;

  private Figures() {}

  /** Four significant digits; integers without decimals, very large or small ones with exponent. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return MISSING;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "−∞";
    }
    double size = Math.abs(value);
    if (size != 0.0 && (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN)) {
      return minus("%.3e", value);
    }
    if (value == Math.rint(value)) {
      return minus("%.0f", value + 0.0);
    }
    BigDecimal rounded = new BigDecimal(value).round(DIGITS);
    int whole = rounded.precision() - rounded.scale();
    return minus(
        "%s", rounded.setScale(Math.max(0, DIGITS.getPrecision() - whole)).toPlainString());
  }

  static String number(OptionalDouble value) {
    return value.isPresent() ? number(value.getAsDouble()) : MISSING;
  }

  /** {@code 0.61 to 0.69}; a dash if the interval has no bounds. */
  static String bounds(Interval interval) {
    return interval.isBounded()
        ? number(interval.low()) + " to " + number(interval.high())
        : MISSING;
  }

  /** A confidence, such as {@code 95 %} or {@code 99.5 %}. */
  static String confidence(double share) {
    return new BigDecimal(100.0 * share).round(DIGITS).stripTrailingZeros().toPlainString() + " %";
  }

  /** With a comma between thousands. */
  static String count(long value) {
    return minus("%,d", value);
  }

  /** A share of 1 with one decimal, such as {@code 13.3 %}. */
  static String percent(double share) {
    return Double.isFinite(share) ? minus("%.1f %%", 100.0 * share) : MISSING;
  }

  static String percent(long part, long whole) {
    return whole == 0 ? MISSING : percent((double) part / whole);
  }

  static String p(double value) {
    return value < SMALLEST_P ? "< 0.001" : String.format(Locale.ROOT, "%.3f", value);
  }

  /** With minus signs, which are as wide as a plus, in place of hyphens. */
  private static String minus(String format, Object number) {
    return String.format(Locale.ROOT, format, number).replace('-', '−');
  }
}
