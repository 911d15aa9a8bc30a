package winequality.data.csv;

import java.util.Locale;
import java.util.Set;

/**
 * What a field of a numeric column holds.
 *
 * <p>A number is an optional sign, digits with at most one point, and an optional exponent. {@link
 * Double#parseDouble} alone would take {@code 1d}, {@code 0x1p3} and blanks too, which no other
 * reader of the same file does.
 */
sealed interface CsvNumber {

  /** A finite number, the double nearest to the text. */
  record Finite(double value) implements CsvNumber {}

  /** Infinity, NaN by name, or a number beyond the largest double. */
  record NotFinite() implements CsvNumber {}

  /** A number but for its decimal comma. */
  record DecimalComma(String withPoint) implements CsvNumber {}

  /** Anything else. */
  record NotANumber() implements CsvNumber {}

  Set<String> NOT_FINITE = Set.of("nan", "inf", "infinity");

  /** Reads a field that is stripped and not empty. */
  static CsvNumber parse(String text) {
    if (isDecimal(text)) {
      double value = Double.parseDouble(text);
      return Double.isFinite(value) ? new Finite(value) : new NotFinite();
    }
    boolean signed = text.charAt(0) == '+' || text.charAt(0) == '-';
    String unsigned = (signed ? text.substring(1) : text).toLowerCase(Locale.ROOT);
    if (NOT_FINITE.contains(unsigned)) {
      return new NotFinite();
    }
    String withPoint = text.replace(',', '.');
    return text.indexOf('.') < 0 && text.indexOf(',') >= 0 && isDecimal(withPoint)
        ? new DecimalComma(withPoint)
        : new NotANumber();
  }

  /** Whether the text is a number, finite or not. */
  static boolean isNumeric(String text) {
    CsvNumber number = parse(text);
    return number instanceof Finite || number instanceof NotFinite;
  }

  private static boolean isDecimal(String text) {
    int position = skipSign(text, 0);
    int whole = skipDigits(text, position);
    int digits = whole - position;
    position = whole;
    if (position < text.length() && text.charAt(position) == '.') {
      int end = skipDigits(text, position + 1);
      digits += end - position - 1;
      position = end;
    }
    if (digits == 0) {
      return false;
    }
    if (position < text.length()
        && (text.charAt(position) == 'e' || text.charAt(position) == 'E')) {
      int exponent = skipSign(text, position + 1);
      position = skipDigits(text, exponent);
      if (position == exponent) {
        return false;
      }
    }
    return position == text.length();
  }

  private static int skipSign(String text, int position) {
    boolean sign =
        position < text.length() && (text.charAt(position) == '+' || text.charAt(position) == '-');
    return sign ? position + 1 : position;
  }

  private static int skipDigits(String text, int position) {
    int end = position;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }
}
