package winequality.data.csv;

/**
 * What a field of a numeric column holds.
 *
 * <p>A number is an optional sign, digits with at most one point, and an optional exponent. {@link
 * Double#parseDouble} also accepts {@code 1d}, {@code 0x1p3} and blanks, unlike any other reader of
 * the same file; without their characters it accepts exactly such numbers.
 */
public sealed interface CsvNumber {

  /** A finite number, the double nearest to the text. */
  record Finite(double value) implements CsvNumber {}

  /** Infinity, NaN by name, or a number beyond the largest double. */
  record NotFinite() implements CsvNumber {}

  record DecimalComma(String withPoint) implements CsvNumber {}

  record NotANumber() implements CsvNumber {}

  /** Reads a field that is stripped and not empty. */
  static CsvNumber parse(String text) {
    CsvNumber number = decimal(text);
    if (!(number instanceof NotANumber)) {
      return number;
    }
    if (text.matches("(?i)[+-]?(nan|inf|infinity)")) {
      return new NotFinite();
    }
    String withPoint = text.replace(',', '.');
    return text.indexOf('.') < 0
            && text.indexOf(',') >= 0
            && !(decimal(withPoint) instanceof NotANumber)
        ? new DecimalComma(withPoint)
        : number;
  }

  static boolean isNumeric(String text) {
    CsvNumber number = parse(text);
    return number instanceof Finite || number instanceof NotFinite;
  }

  private static CsvNumber decimal(String text) {
    for (int i = 0; i < text.length(); i++) {
      if ("0123456789.+-eE".indexOf(text.charAt(i)) < 0) {
        return new NotANumber();
      }
    }
    try {
      double value = Double.parseDouble(text);
      return Double.isFinite(value) ? new Finite(value) : new NotFinite();
    } catch (NumberFormatException e) {
      return new NotANumber();
    }
  }
}
