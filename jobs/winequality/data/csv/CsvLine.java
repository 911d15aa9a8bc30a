package winequality.data.csv;

import java.util.ArrayList;
import java.util.List;

/**
 * One row of a CSV file, split by the rules of RFC 4180: separators divide fields, a field may be
 * in double quotes, and a quote within these is doubled.
 */
sealed interface CsvLine {

  /** The rule against a line whose last field begins with a quote and does not end. */
  String UNCLOSED = "unclosed-quote";

  /** The fields, without their quotes; blanks around an unquoted field are kept. */
  record Fields(List<String> values) implements CsvLine {}

  /** The line breaks a rule; {@code rule} is its short name, {@code reason} a sentence. */
  record Malformed(String rule, String reason) implements CsvLine {}

  /** An empty line has one empty field. */
  static CsvLine split(String line, char separator) {
    List<String> fields = new ArrayList<>();
    int position = 0;
    while (true) {
      if (position < line.length() && line.charAt(position) == '"') {
        StringBuilder field = new StringBuilder();
        int next = unquote(line, position + 1, field);
        if (next < 0) {
          return new Malformed(UNCLOSED, "a quoted field is not closed on its line");
        }
        if (next < line.length() && line.charAt(next) != separator) {
          return new Malformed(
              "text-after-quote",
              "a quoted field is followed by \"" + line.charAt(next) + "\" instead of a separator");
        }
        fields.add(field.toString());
        position = next;
      } else {
        int end = line.indexOf(separator, position);
        fields.add(line.substring(position, end < 0 ? line.length() : end));
        position = end < 0 ? line.length() : end;
      }
      if (position >= line.length()) {
        return new Fields(fields);
      }
      position++; // the separator; an empty field follows a last one
    }
  }

  /** Appends a quoted field; returns the position after its closing quote, −1 without one. */
  private static int unquote(String line, int start, StringBuilder field) {
    int position = start;
    while (position < line.length()) {
      char c = line.charAt(position);
      if (c != '"') {
        field.append(c);
        position++;
      } else if (position + 1 < line.length() && line.charAt(position + 1) == '"') {
        field.append('"');
        position += 2;
      } else {
        return position + 1;
      }
    }
    return -1;
  }
}
