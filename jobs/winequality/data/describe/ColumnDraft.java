package winequality.data.describe;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.histogram_numeric;
import static org.apache.spark.sql.functions.hll_sketch_agg;
import static org.apache.spark.sql.functions.hll_sketch_estimate;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import winequality.data.ColumnDescription;
import winequality.data.csv.CsvNumber;

/**
 * What a column of the source becomes in the draft.
 *
 * @param rows of the source
 * @param figures of the column, as {@link Field#figures} names them
 * @param levels the rows of each text, of a column that may be a category
 * @param words the rows of each word that counts as missing, of a column of few texts
 */
record ColumnDraft(
    Field field, long rows, Row figures, Map<String, Long> levels, Map<String, Long> words) {

  private static final String DECIMAL = "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$";

  private static final String NUMBERS_AS_TEXTS =
      "it has numbers as texts: cast it in the source, or describe it with kind = category";

  /** More different texts are not levels. */
  private static final int MOST_LEVELS = 50;

  /** A level in fewer rows gets a remark. */
  private static final int FEW_ROWS = 5;

  /** So many different whole numbers or fewer may be codes. */
  private static final int FEW_NUMBERS = 10;

  /** So many widths of the others lie between them and a number that is far away. */
  private static final double FAR = 3.0;

  /** The same for a number that often stands for a missing value, such as -999 or 99.9. */
  private static final double FAR_IF_NINES = 0.25;

  /** The share of texts that a column of numbers may have; their rows are quarantined. */
  private static final double STRAY = 0.02;

  /** How a source stores a column. */
  enum Type {
    /** A field of a file: a text that may be a number. */
    FIELD,
    STRING,
    NUMBER
  }

  /**
   * A column before it is read.
   *
   * @param unfit why it can be neither a number nor a category; empty if it can
   */
  record Field(String name, String header, Type type, String unfit) {

    private static final Object[] MISSING =
        ColumnDescription.MISSING.stream().map(word -> word.toLowerCase(Locale.ROOT)).toArray();

    /** Its trimmed texts, null for a missing value; all else is found in these. */
    Column texts() {
      Column text = trimmed();
      return when(text.notEqual("").and(not(lower(text).isin(MISSING))), text).as(name);
    }

    /** Of the source, a word that stands for a missing value. */
    Column word() {
      return when(lower(trimmed()).isin(MISSING), trimmed());
    }

    private Column trimmed() {
      return trim((type == Type.NUMBER ? text().cast("double") : text()).cast("string"));
    }

    Column text() {
      return col(Columns.quoted(name));
    }

    /** The number that a text is; null for what is not finite. */
    Column number() {
      Column number = when(text().rlike(DECIMAL), text().try_cast("double"));
      return when(abs(number).leq(Double.MAX_VALUE), number);
    }

    /** A text that is not a number. */
    Column stray() {
      return when(number().isNull(), text());
    }

    Column figures() {
      return struct(
          count(text()).as("present"),
          count(number()).as("numbers"),
          min(number()).as("min"),
          max(number()).as("max"),
          // joins numbers that are close, so those far away keep a bin of their own
          histogram_numeric(number(), lit(2 * FEW_NUMBERS)).as("bins"),
          count(when(number().equalTo(floor(number())), 1)).as("whole"),
          // not approx_count_distinct, whose state has 1,600 columns for each column
          hll_sketch_estimate(hll_sketch_agg(text(), 14)).as("different"),
          max(stray()).as("stray"));
    }
  }

  private long counted(String figure) {
    return figures.<Long>getAs(figure);
  }

  private long missing() {
    return rows - counted("present");
  }

  /** Values that are not numbers. */
  private long strays() {
    return counted("present") - counted("numbers");
  }

  private String stray() {
    return DatasetDraft.quoted(figures.getAs("stray"));
  }

  private boolean isNumber() {
    return field.type() == Type.NUMBER || strays() <= STRAY * counted("present");
  }

  /** Whether the last of its texts that are no numbers is one with a decimal comma. */
  private boolean hasCommas() {
    return !isNumber() && CsvNumber.parse(figures.getAs("stray")) instanceof CsvNumber.DecimalComma;
  }

  private boolean hasFewTexts() {
    return field.unfit().isEmpty()
        && !isNumber()
        && !hasCommas()
        && counted("different") <= Math.min(MOST_LEVELS, rows / 2 + 1);
  }

  boolean mayBeCategory() {
    return hasFewTexts() && counted("different") >= 2;
  }

  boolean mayHaveWords() {
    return hasFewTexts() && missing() > 0;
  }

  /** The missing texts by what stands for them; empty if that is never a word. */
  private String missingWords(String ifLevel) {
    long empty = missing() - words.values().stream().mapToLong(Long::longValue).sum();
    return words.isEmpty()
        ? ""
        : Stream.concat(
                Stream.of(empty + " empty").filter(text -> empty > 0),
                words.entrySet().stream()
                    .map(word -> word.getValue() + " " + DatasetDraft.quoted(word.getKey())))
            .collect(
                Collectors.joining(", ", ": ", ". If one of the words is a level, " + ifLevel));
  }

  boolean isDescribedNumber() {
    return isNumber() && unfit().isEmpty();
  }

  /** Why the column is left out; empty if it is described. */
  String unfit() {
    if (!field.unfit().isEmpty() || mayBeCategory()) {
      return field.unfit();
    }
    long different = counted("different");
    if (hasCommas()) {
      return field.type() == Type.STRING
          ? NUMBERS_AS_TEXTS
          : "it has decimal commas, such as %s, which the job refuses (…-decimal-comma): write them as points, or leave them out if they separate thousands, and describe the source again"
              .formatted(stray());
    }
    if (!isNumber()) {
      return different < 2
          ? "it has the same text everywhere"
              + (words.isEmpty() ? "" : ", or is missing")
              + missingWords("describe the column with it in levels")
          : 2 * counted("numbers") > counted("present")
              ? "%s of %d values %s, such as %s; add it to dataset.missing-words if it stands for a missing value, and describe the column"
                  .formatted(strays(), counted("present"), areNotNumbers(), stray())
              : "it has about %d different texts, such as %s: an identifier or free text"
                  .formatted(different, stray());
    }
    if (counted("numbers") == 0) {
      return "it has no value";
    }
    if (field.type() == Type.STRING) {
      return NUMBERS_AS_TEXTS;
    }
    double min = figures.<Double>getAs("min");
    double width = figures.<Double>getAs("max") - min;
    boolean numbered = counted("whole") == rows && different > 0.95 * rows && width + 1 == rows;
    return width == 0
        ? "it is %s everywhere".formatted(min)
        : numbered ? "it numbers the rows" : "";
  }

  /** What it is instead of a number that can be predicted. */
  String notPredicted() {
    return unfit().isEmpty()
        ? "it has %d different texts, such as %s".formatted(levels.size(), stray())
        : unfit();
  }

  /** Its settings behind the name and the unit. */
  String settings() {
    boolean gaps = missing() > 0;
    return isNumber()
        ? ", min = %s, max = %s%s"
            .formatted(figures.getAs("min"), figures.getAs("max"), gaps ? ", missing = mean" : "")
        : ", kind = category, levels = [%s]%s"
            .formatted(quoted(levels.keySet().stream()), gaps ? ", unknown = other" : "");
  }

  /** What a person should look at. */
  List<String> doubts() {
    List<String> doubts = new ArrayList<>();
    long different = counted("different");
    if (isNumber() && strays() > 0) {
      doubts.add(
          "%d %s %s, such as %s; %s quarantined"
              .formatted(
                  strays(),
                  DatasetDraft.plural(strays(), "value", "values"),
                  areNotNumbers(),
                  stray(),
                  DatasetDraft.plural(strays(), "its row is", "their rows are")));
    }
    if (isNumber()) {
      for (double number : farNumbers()) {
        doubts.add(
            "%s lies far from the others: if it stands for a missing value, add it to dataset.missing-words, or else narrow the range"
                .formatted(number));
      }
    }
    if (isNumber()
        && field.type() == Type.FIELD
        && counted("whole") == counted("numbers")
        && different > 2
        && different <= FEW_NUMBERS) {
      doubts.add(
          "%d different whole numbers: if they are codes, write kind = category for min and max"
              .formatted(different));
    }
    if (isNumber() && rows > FEW_NUMBERS && counted("whole") == rows && different > 0.95 * rows) {
      doubts.add(
          "almost every row has its own whole number: if it is an identifier, remove this column");
    }
    String rare =
        quoted(
            levels.entrySet().stream()
                .filter(level -> level.getValue() < FEW_ROWS)
                .map(Map.Entry::getKey));
    if (!rare.isEmpty()) {
      doubts.add(
          "levels in fewer than %d rows: %s; without them in the list they count as unknown"
              .formatted(FEW_ROWS, rare));
    }
    if (missing() > 0) {
      doubts.add(
          "%d of %d values %s missing%s"
              .formatted(
                  missing(),
                  rows,
                  DatasetDraft.plural(missing(), "is", "are"),
                  isNumber()
                      ? ": missing = quarantine refuses these rows, and missing-indicator = true adds a column"
                      : DatasetDraft.plural(
                              missing(),
                              " and counts as an unknown level",
                              " and count as unknown levels")
                          + missingWords("add it to levels")));
    }
    return doubts;
  }

  private String areNotNumbers() {
    return DatasetDraft.plural(strays(), "is not a number", "are not numbers");
  }

  /** The smallest and the largest number, if they lie far from all others. */
  private List<Double> farNumbers() {
    List<Double> bins =
        figures.<Row>getList(figures.fieldIndex("bins")).stream()
            .map(bin -> bin.getDouble(0))
            .toList();
    int last = bins.size() - 1;
    if (last < 3) {
      return List.of();
    }
    double low = bins.get(1);
    double high = bins.get(last - 1);
    double min = figures.<Double>getAs("min");
    double max = figures.<Double>getAs("max");
    List<Double> far = new ArrayList<>();
    boolean many = last >= FEW_NUMBERS;
    if (isFar(min, low - min, high - low, many) || (isNines(min) && min < 0.0 && low >= 0.0)) {
      far.add(min);
    }
    if (isFar(max, max - high, high - low, many)) {
      far.add(max);
    }
    return far;
  }

  private static boolean isFar(double number, double gap, double width, boolean many) {
    return isNines(number) ? gap > FAR_IF_NINES * width : many && gap > FAR * width;
  }

  private static boolean isNines(double number) {
    return String.valueOf(Math.abs(number)).matches("99+\\.(0|9+)");
  }

  private static String quoted(Stream<String> texts) {
    return texts.map(DatasetDraft::quoted).collect(Collectors.joining(", "));
  }
}
