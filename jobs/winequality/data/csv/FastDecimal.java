package winequality.data.csv;

/**
 * Parses plain decimal numbers from bytes without creating a string.
 *
 * <p>A whole number of up to 15 digits is below 2⁵³, and powers of ten up to 10²² are exact as
 * doubles. So one division gives the double that is nearest to the text, as {@link
 * Double#parseDouble} does.
 *
 * @see <a href="https://doi.org/10.1145/93542.93557">Clinger (1990), How to read floating point
 *     numbers accurately</a>
 */
final class FastDecimal {

  private static final int DIGITS = 15;
  private static final double[] POWERS = new double[DIGITS + 1];

  static {
    double power = 1;
    for (int i = 0; i <= DIGITS; i++) {
      POWERS[i] = power;
      power *= 10;
    }
  }

  private FastDecimal() {}

  /**
   * The number between two positions: an optional minus, and digits with at most one point. NaN for
   * anything else, which may still be a number.
   */
  static double parse(byte[] text, int from, int to) {
    int position = from;
    boolean negative = position < to && text[position] == '-';
    if (negative) {
      position++;
    }
    long whole = 0;
    int digits = 0;
    int point = -1;
    for (; position < to; position++) {
      int digit = text[position] - '0';
      if (digit >= 0 && digit <= 9) {
        whole = 10 * whole + digit;
        digits++;
      } else if (text[position] == '.' && point < 0) {
        point = digits;
      } else {
        return Double.NaN;
      }
    }
    if (digits == 0 || digits > DIGITS) {
      return Double.NaN;
    }
    double value = point < 0 ? whole : whole / POWERS[digits - point];
    return negative ? -value : value;
  }
}
