package winequality.data;

import elasticnet.split.Columns;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.GlobPattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.MetadataBuilder;

/**
 * One column of a data set.
 *
 * @param name in the table
 * @param header the name in the header of the files; the same unless the description says otherwise
 * @param unit shown to people; may be empty, as may the source
 * @param min smallest plausible value, inclusive; negative infinity for no bound
 * @param max largest plausible value, inclusive; positive infinity for no bound
 * @param valueByFile value by pattern of the file's name, for a column that is not a field of the
 *     files but has one value per file; empty for a field
 * @param missingWords what the files write for a missing value besides {@link #MISSING}
 * @param kind number, category or weight; only numbers and weights have a range
 */
public record ColumnDescription(
    String name,
    String header,
    String unit,
    String source,
    double min,
    double max,
    Map<String, Double> valueByFile,
    List<String> missingWords,
    ColumnKind kind)
    implements Serializable {

  /** What R, pandas, Hive, Excel, SAS and the UCI repository write. */
  public static final List<String> MISSING =
      List.of("NaN", "NA", "N/A", "#N/A", "<NA>", "null", "None", "\\N", "?", ".", "-");

  public ColumnDescription {
    valueByFile = Collections.unmodifiableMap(new LinkedHashMap<>(valueByFile));
    missingWords = List.copyOf(missingWords);
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "dataset.columns has a column without a name; every column needs one");
    }
    // written so that NaN fails too
    if (!(min <= max)) {
      throw new IllegalArgumentException(
          "dataset.columns: \"%s\" has min %s and max %s; min must not be above max"
              .formatted(name, min, max));
    }
    boolean bounded = min != Double.NEGATIVE_INFINITY || max != Double.POSITIVE_INFINITY;
    if (kind instanceof ColumnKind.Category && (bounded || !valueByFile.isEmpty())) {
      throw new IllegalArgumentException(
          "dataset.columns: \"%s\" is a category; only a number has min, max or value-by-file"
              .formatted(name));
    }
    if (kind instanceof ColumnKind.Weight && !(min >= 0.0)) {
      throw new IllegalArgumentException(
          "dataset.columns: \"%s\" is a weight with min %s; a weight is at least 0"
              .formatted(name, min));
    }
    if (!valueByFile.isEmpty() && !header.equals(name)) {
      throw new IllegalArgumentException(
          "dataset.columns: \"%s\" has a header and value-by-file; a column is a field or has a value by file"
              .formatted(name));
    }
    valueByFile.forEach(
        (pattern, value) -> {
          // written so that NaN fails too
          if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException(
                "dataset.columns: \"%s\" has the value %s for files %s; it must lie between its min %s and max %s"
                    .formatted(name, value, pattern, min, max));
          }
        });
  }

  /** A field of the files, without a source. */
  public ColumnDescription(String name, String unit, double min, double max) {
    this(name, unit, "", min, max, Map.of());
  }

  /** A column with the same name in table and files. */
  public ColumnDescription(
      String name,
      String unit,
      String source,
      double min,
      double max,
      Map<String, Double> valueByFile) {
    this(name, name, unit, source, min, max, valueByFile, List.of(), ColumnKind.NUMBER);
  }

  /** Whether a field's text stands for a missing value; upper and lower case count as one. */
  public boolean isMissing(String text) {
    return text.isEmpty() || missingTexts().stream().anyMatch(text::equalsIgnoreCase);
  }

  /** All words for a missing value; upper and lower case count as one. */
  public List<String> missingTexts() {
    return Stream.concat(MISSING.stream(), missingWords.stream()).toList();
  }

  /** The numbers among the words, such as -999, which also stands for a missing value as -999.0. */
  public double[] missingNumbers() {
    return missingWords.stream()
        .filter(word -> word.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?"))
        .mapToDouble(Double::parseDouble)
        .filter(Double::isFinite)
        .distinct()
        .toArray();
  }

  /** The same column, whose values may be missing or must not be. */
  public ColumnDescription with(ColumnKind other) {
    return new ColumnDescription(
        name, header, unit, source, min, max, valueByFile, missingWords, other);
  }

  /** What a value outside the range must be, for people. */
  public String range() {
    if (max == Double.POSITIVE_INFINITY) {
      return "it must be at least " + min;
    }
    return min == Double.NEGATIVE_INFINITY
        ? "it must be at most " + max
        : "it must lie between %s and %s".formatted(min, max);
  }

  /** Unit and source, as the comment on a table's column. */
  public String comment() {
    String from = source.isEmpty() ? "" : "source: " + source;
    return unit + (unit.isEmpty() || from.isEmpty() ? "" : "; ") + from;
  }

  /** A value under the column's name, with the comment that a table's column gets. */
  public Column named(Column value) {
    return comment().isEmpty()
        ? value.as(name)
        : value.as(name, new MetadataBuilder().putString("comment", comment()).build());
  }

  public boolean isCategory() {
    return kind instanceof ColumnKind.Category;
  }

  public boolean isField() {
    return valueByFile.isEmpty();
  }

  /**
   * The value for all rows of a file, by its name without folder.
   *
   * @throws DataRefusedException unless exactly one pattern matches the name
   */
  public double valueFor(String file) {
    List<String> patterns =
        valueByFile.keySet().stream()
            .filter(pattern -> new GlobPattern(pattern).matches(file))
            .toList();
    if (patterns.size() != 1) {
      throw new DataRefusedException(
          "The column \"%s\" has a value by file, and %s for %s (patterns: %s). Correct value-by-file in dataset.columns, or remove the file from data.source."
              .formatted(
                  name,
                  patterns.isEmpty() ? "none" : "several (" + String.join(", ", patterns) + ")",
                  file,
                  String.join(", ", valueByFile.keySet())));
    }
    return valueByFile.getOrDefault(patterns.get(0), Double.NaN);
  }

  public String quoted() {
    return Columns.quoted(name);
  }
}
