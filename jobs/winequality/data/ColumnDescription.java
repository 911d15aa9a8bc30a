package winequality.data;

import elasticnet.split.Columns;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.GlobPattern;

/**
 * One numeric column of a data set.
 *
 * @param name as it stands in the CSV's header
 * @param unit for people; empty where there is none
 * @param source where its values come from, for people; may be empty
 * @param min smallest value that is believed, inclusive; negative infinity for no bound
 * @param max largest value that is believed, inclusive; positive infinity for no bound
 * @param valueByFile for a column that is no field of the files but one value for each: pattern of
 *     a file's name to value; empty for all others
 */
public record ColumnDescription(
    String name,
    String unit,
    String source,
    double min,
    double max,
    Map<String, Double> valueByFile) {
  public ColumnDescription {
    valueByFile = Collections.unmodifiableMap(new LinkedHashMap<>(valueByFile));
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "dataset.columns has a column without a name; every column needs the name in the header");
    }
    // written so that NaN fails too
    if (!(min <= max)) {
      throw new IllegalArgumentException(
          "dataset.columns: \"%s\" has min %s and max %s; min must not be above max"
              .formatted(name, min, max));
    }
    for (Map.Entry<String, Double> entry : valueByFile.entrySet()) {
      // written so that NaN fails too
      if (!(entry.getValue() >= min && entry.getValue() <= max)) {
        throw new IllegalArgumentException(
            "dataset.columns: \"%s\" has the value %s for files %s; it must lie between its min %s and max %s"
                .formatted(name, entry.getValue(), entry.getKey(), min, max));
      }
    }
  }

  /** A column that is a field of the files, of no source that is told. */
  public ColumnDescription(String name, String unit, double min, double max) {
    this(name, unit, "", min, max, Map.of());
  }

  /** What the column of a table says of itself: unit and source. */
  public String comment() {
    return Stream.of(unit, source.isEmpty() ? "" : "source: " + source)
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("; "));
  }

  /** Whether the column is a field of the files. */
  public boolean isField() {
    return valueByFile.isEmpty();
  }

  /**
   * The value for all rows of a file.
   *
   * @param file its name, without folder
   * @throws DataRefusedException unless one pattern, and one only, has the name
   */
  public double valueFor(String file) {
    List<String> patterns =
        valueByFile.keySet().stream()
            .filter(pattern -> new GlobPattern(pattern).matches(file))
            .toList();
    if (patterns.size() != 1) {
      throw new DataRefusedException(
          "The column \"%s\" has its value by file, and %s for %s (patterns: %s). Mend value-by-file in dataset.columns, or take the file out of data.source."
              .formatted(
                  name,
                  patterns.isEmpty() ? "none" : "several (" + String.join(", ", patterns) + ")",
                  file,
                  String.join(", ", valueByFile.keySet())));
    }
    return valueByFile.getOrDefault(patterns.get(0), Double.NaN);
  }

  /** The name in backticks, as Spark SQL and column expressions take it. */
  public String quoted() {
    return Columns.quoted(name);
  }
}
