package winequality.data.csv;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;

/**
 * Splits a row and checks its values against the description of the data set.
 *
 * <p>Nearly every row has only plain numbers, gaps and texts that were seen before, and is parsed
 * from its bytes. Any other row goes through {@link CsvLine} and {@link CsvNumber}, which find out
 * what is wrong with it.
 */
final class RowChecker {

  /** Texts of a category that are remembered. */
  private static final int REMEMBERED = 1000;

  private static final int NO_CATEGORY = -1;

  private final ColumnDescription[] columns;
  private final char separator;
  private final int[] positions;
  private final double[] ofFile;
  private final int headerWidth;

  // numbers that stand for a missing value, such as -999
  private final double[] missing;

  // whether a number may be missing, and the place of a category among the texts
  private final boolean[] gaps;
  private final int[] slots;

  // of each category: the accepted texts so far, and what the table gets; empty for null
  private final List<Map<String, String>> known = new ArrayList<>();

  // where the fields of the current row begin, and where one after the last would
  private final int[] starts;

  RowChecker(List<ColumnDescription> columns, CsvLayout layout) {
    this.columns = columns.toArray(ColumnDescription[]::new);
    this.separator = layout.separator();
    this.positions = layout.positions().stream().mapToInt(Integer::intValue).toArray();
    this.ofFile = layout.values().stream().mapToDouble(Double::doubleValue).toArray();
    this.headerWidth = layout.names().size();
    this.starts = new int[headerWidth + 1];
    this.missing =
        columns.stream()
            .flatMapToDouble(column -> Arrays.stream(column.missingNumbers()))
            .distinct()
            .toArray();
    this.gaps = new boolean[columns.size()];
    this.slots = new int[columns.size()];
    for (int i = 0; i < slots.length; i++) {
      boolean category = columns.get(i).isCategory();
      gaps[i] = !category && columns.get(i).kind().mayBeMissing();
      slots[i] = category ? known.size() : NO_CATEGORY;
      if (category) {
        known.add(new HashMap<>());
      }
    }
  }

  /**
   * Why a row is refused; null if it is accepted, which fills the values.
   *
   * @param length of the row, without a carriage return at its end
   * @param values of all columns: NaN for a gap, 0 for a category
   * @param texts of the categories in their order; null for a missing one
   */
  @Nullable Refusal check(byte[] row, int length, double[] values, @Nullable String[] texts) {
    return isPlain(row, length, values, texts) ? null : checkText(row, length, values, texts);
  }

  char separator() {
    return separator;
  }

  /** Whether joined lines are a row: quotes are closed, and there are as many fields as names. */
  boolean isRow(byte[] lines, int length) {
    return CsvLine.split(text(lines, 0, length), separator) instanceof CsvLine.Fields fields
        && fields.values().size() == headerWidth;
  }

  private boolean isPlain(byte[] row, int length, double[] values, @Nullable String[] texts) {
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
    for (int i = 0; i < columns.length; i++) {
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
      if (slots[i] != NO_CATEGORY) {
        String text = known.get(slots[i]).get(text(row, from, to));
        if (text == null) {
          return false;
        }
        texts[slots[i]] = text.isEmpty() ? null : text;
        continue;
      }
      double value = FastDecimal.parse(row, from, to);
      // written so that NaN fails too
      if (!(value >= columns[i].min() && value <= columns[i].max()) || isMissing(value)) {
        if (!gaps[i] || !(isMissing(value) || columns[i].isMissing(text(row, from, to)))) {
          return false;
        }
        value = Double.NaN;
      }
      values[i] = value;
    }
    return true;
  }

  private boolean isMissing(double value) {
    for (double word : missing) {
      if (value == word) {
        return true;
      }
    }
    return false;
  }

  static boolean isBlank(byte character) {
    return character == ' ' || character == '\t';
  }

  private @Nullable Refusal checkText(
      byte[] row, int length, double[] values, @Nullable String[] texts) {
    CsvLine line = CsvLine.split(text(row, 0, length), separator);
    if (line instanceof CsvLine.Malformed malformed) {
      return Refusal.ofRow(malformed.rule(), malformed.reason());
    }
    List<String> fields = ((CsvLine.Fields) line).values();
    if (fields.size() == headerWidth + 1 && fields.get(headerWidth).isBlank()) {
      return Refusal.ofRow(
          "trailing-separator",
          "the line ends with a separator and the header does not; remove it from the lines, or add one to the header");
    }
    if (fields.size() != headerWidth) {
      return Refusal.ofRow(
          fields.size() < headerWidth ? "too-few-fields" : "too-many-fields",
          "the line has %d fields, the header %d".formatted(fields.size(), headerWidth));
    }
    for (int i = 0; i < columns.length; i++) {
      if (positions[i] == CsvLayout.NO_FIELD) {
        values[i] = ofFile[i];
        continue;
      }
      String text = fields.get(positions[i]).strip();
      Refusal refusal =
          columns[i].kind() instanceof ColumnKind.Category category
              ? checkLevel(columns[i], category, text, texts, slots[i])
              : check(columns[i], text, values, i);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  private @Nullable Refusal check(ColumnDescription column, String text, double[] values, int i) {
    String name = column.name();
    CsvNumber number = CsvNumber.parse(text);
    if (column.isMissing(text)
        || (number instanceof CsvNumber.Finite one && isMissing(one.value()))) {
      if (gaps[i]) {
        values[i] = Double.NaN;
        return null;
      }
      return Refusal.ofValue("missing", name, text, "it stands for a missing value");
    }
    if (number instanceof CsvNumber.Finite finite) {
      values[i] = finite.value();
      return finite.value() >= column.min() && finite.value() <= column.max()
          ? null
          : Refusal.ofValue("out-of-range", name, text, column.range());
    }
    if (number instanceof CsvNumber.NotFinite) {
      return Refusal.ofValue("not-finite", name, text, "it must be finite");
    }
    boolean thousands = text.matches("[+-]?[1-9]\\d{0,2}(,\\d{3})+(\\.\\d*)?");
    if (number instanceof CsvNumber.DecimalComma comma) {
      String must =
          thousands
              ? "write it as %s if the comma is decimal, or as %s if it separates thousands"
                  .formatted(comma.withPoint(), text.replace(",", ""))
              : "it has a decimal comma; write it as " + comma.withPoint();
      return Refusal.ofValue("decimal-comma", name, text, must);
    }
    String must = "it must be a decimal number with a point";
    return Refusal.ofValue(
        "not-a-number", name, text, thousands ? must + " and no separators of thousands" : must);
  }

  /** A given level is one even if it is also a word for a missing value, such as None. */
  private @Nullable Refusal checkLevel(
      ColumnDescription column,
      ColumnKind.Category category,
      String text,
      @Nullable String[] texts,
      int slot) {
    boolean given = category.levels().contains(text);
    boolean missing = !given && column.isMissing(text);
    if (missing && !category.mayBeMissing()) {
      return Refusal.ofValue("missing", column.name(), text, "it stands for a missing value");
    }
    if (text.indexOf('\uFFFD') >= 0) {
      return Refusal.ofValue(
          "not-utf-8", column.name(), text, "it is not text in UTF-8; save the file in UTF-8");
    }
    if (!given && !category.levels().isEmpty() && !category.mayBeMissing()) {
      return Refusal.ofValue("unknown-level", column.name(), text, levels(category.levels()));
    }
    texts[slot] = missing ? null : text;
    if (known.get(slot).size() < REMEMBERED) {
      known.get(slot).put(text, missing ? "" : text);
    }
    return null;
  }

  private static String levels(List<String> levels) {
    int limit = 10;
    String some = String.join(", ", levels.subList(0, Math.min(limit, levels.size())));
    return "it must be one of the %d levels: %s%s"
        .formatted(levels.size(), some, levels.size() > limit ? ", …" : "");
  }

  private static String text(byte[] row, int from, int to) {
    return new String(row, from, to - from, StandardCharsets.UTF_8);
  }
}
