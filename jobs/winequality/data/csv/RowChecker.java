package winequality.data.csv;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import winequality.data.ColumnDescription;

/**
 * Takes a row apart and checks its values against the description of the data set.
 *
 * <p>A row of plain numbers, which is nearly every one, is read from its bytes. Whatever is not so
 * plain goes through {@link CsvLine} and {@link CsvNumber}, which say what is wrong with it.
 */
final class RowChecker {

  /** What a column's values must keep to. */
  record ColumnRule(String name, double min, double max) implements Serializable {

    static ColumnRule[] of(List<ColumnDescription> columns) {
      return columns.stream()
          .map(column -> new ColumnRule(column.name(), column.min(), column.max()))
          .toArray(ColumnRule[]::new);
    }
  }

  private final ColumnRule[] rules;
  private final char separator;
  private final int[] positions;
  private final double[] ofFile;
  private final int headerWidth;

  // where the fields of the row at hand begin; the one behind the last begins behind its end
  private final int[] starts;

  RowChecker(ColumnRule[] rules, CsvLayout layout) {
    this.rules = rules;
    this.separator = layout.separator();
    this.positions = layout.positions().stream().mapToInt(Integer::intValue).toArray();
    this.ofFile = layout.values().stream().mapToDouble(Double::doubleValue).toArray();
    this.headerWidth = layout.names().size();
    this.starts = new int[headerWidth + 1];
  }

  int width() {
    return rules.length;
  }

  /**
   * Checks a row.
   *
   * @param length of the row in the array, the carriage return of its last line not counted
   * @param values filled if the row is in order
   * @return why it is not; null if it is
   */
  @Nullable Refusal check(byte[] row, int length, double[] values) {
    return isPlain(row, length, values) ? null : checkText(row, length, values);
  }

  /**
   * Whether lines make a row together: its quotes are closed, and it has as many fields as the
   * header.
   */
  boolean isRow(byte[] lines, int length) {
    return CsvLine.split(text(lines, length), separator) instanceof CsvLine.Fields fields
        && fields.values().size() == headerWidth;
  }

  private boolean isPlain(byte[] row, int length, double[] values) {
    int fields = 0;
    starts[0] = 0;
    for (int i = 0; i < length; i++) {
      if (row[i] == separator) {
        if (++fields >= headerWidth) {
          return false;
        }
        starts[fields] = i + 1;
      } else if (row[i] == '"') {
        return false;
      }
    }
    if (fields != headerWidth - 1) {
      return false;
    }
    starts[headerWidth] = length + 1;
    for (int i = 0; i < rules.length; i++) {
      if (positions[i] == CsvLayout.NO_FIELD) {
        values[i] = ofFile[i];
        continue;
      }
      int from = starts[positions[i]];
      int to = starts[positions[i] + 1] - 1;
      while (from < to && isBlank(row[from])) {
        from++;
      }
      while (from < to && isBlank(row[to - 1])) {
        to--;
      }
      double value = FastDecimal.parse(row, from, to);
      // written so that NaN fails too
      if (!(value >= rules[i].min() && value <= rules[i].max())) {
        return false;
      }
      values[i] = value;
    }
    return true;
  }

  private static boolean isBlank(byte character) {
    return character == ' ' || character == '\t';
  }

  private @Nullable Refusal checkText(byte[] row, int length, double[] values) {
    CsvLine line = CsvLine.split(text(row, length), separator);
    if (line instanceof CsvLine.Malformed malformed) {
      return Refusal.ofRow(malformed.rule(), malformed.reason());
    }
    List<String> fields = ((CsvLine.Fields) line).values();
    if (fields.size() != headerWidth) {
      boolean few = fields.size() < headerWidth;
      return Refusal.ofRow(
          few ? "too-few-fields" : "too-many-fields",
          "the line has %d fields, the header %d".formatted(fields.size(), headerWidth));
    }
    for (int i = 0; i < rules.length; i++) {
      if (positions[i] == CsvLayout.NO_FIELD) {
        values[i] = ofFile[i];
        continue;
      }
      Refusal refusal = check(rules[i], fields.get(positions[i]).strip(), values, i);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  private static @Nullable Refusal check(ColumnRule rule, String text, double[] values, int i) {
    if (text.isEmpty()) {
      return Refusal.ofValue("missing", rule.name(), text, "");
    }
    CsvNumber number = CsvNumber.parse(text);
    if (number instanceof CsvNumber.Finite finite) {
      values[i] = finite.value();
      return finite.value() >= rule.min() && finite.value() <= rule.max()
          ? null
          : Refusal.ofValue("out-of-range", rule.name(), text, range(rule));
    }
    if (number instanceof CsvNumber.NotFinite) {
      return Refusal.ofValue("not-finite", rule.name(), text, "it must be finite");
    }
    if (number instanceof CsvNumber.DecimalComma comma) {
      return Refusal.ofValue(
          "decimal-comma",
          rule.name(),
          text,
          "it has a decimal comma; write it as %s".formatted(comma.withPoint()));
    }
    return Refusal.ofValue(
        "not-a-number", rule.name(), text, "it must be a decimal number with a point");
  }

  private static String range(ColumnRule rule) {
    if (rule.max() == Double.POSITIVE_INFINITY) {
      return "it must be at least " + rule.min();
    }
    if (rule.min() == Double.NEGATIVE_INFINITY) {
      return "it must be at most " + rule.max();
    }
    return String.format(Locale.ROOT, "it must lie between %s and %s", rule.min(), rule.max());
  }

  private static String text(byte[] row, int length) {
    return new String(row, 0, length, StandardCharsets.UTF_8);
  }
}
