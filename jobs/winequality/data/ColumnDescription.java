package winequality.data;

import elasticnet.split.Columns;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.GlobPattern;

/**
 * One numeric column of a data set.
 *
 * @param name as in the CSV header
 * @param unit shown to people; may be empty, as may the source
 * @param min smallest plausible value, inclusive; negative infinity for no bound
 * @param max largest plausible value, inclusive; positive infinity for no bound
 * @param valueByFile value by pattern of the file's name, for a column that is not a field of the
 *     files but has one value per file; empty for a field
 */
public record ColumnDescription(
    String name,
    String unit,
    String source,
    double min,
    double max,
    Map<String, Double> valueByFile)
    implements Serializable {
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

  /** Unit and source, as the comment on a table's column. */
  public String comment() {
    String from = source.isEmpty() ? "" : "source: " + source;
    return unit + (unit.isEmpty() || from.isEmpty() ? "" : "; ") + from;
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
