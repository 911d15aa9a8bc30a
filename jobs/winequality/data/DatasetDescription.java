package winequality.data;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a table is made of: its numeric columns in order, and which of them is to be predicted.
 *
 * @param name short name, for people
 * @param columns all columns, the label among them, at least two
 * @param label name of the column to predict
 */
public record DatasetDescription(String name, List<ColumnDescription> columns, String label) {
  /** What a trained pipeline adds to a table. */
  private static final List<String> TAKEN = List.of("features", "prediction");

  public DatasetDescription {
    columns = List.copyOf(columns);
    if (name.isBlank()) {
      throw new IllegalArgumentException("dataset.name is empty; give the data set a short name");
    }
    Set<String> seen = new HashSet<>();
    for (ColumnDescription column : columns) {
      String columnName = column.name();
      // MLlib takes a dot for a field of a structure
      if (TAKEN.contains(columnName.toLowerCase(Locale.ROOT))
          || columnName.startsWith("_")
          || columnName.contains(".")
          || columnName.contains("`")
          // the code that Spark makes of a VectorAssembler does not compile with it
          || columnName.contains("\"")) {
        throw new IllegalArgumentException(
            "dataset.columns has \"%s\"; a column must not be called %s, begin with _ or have a dot, a backtick or a double quote"
                .formatted(columnName, String.join(" or ", TAKEN)));
      }
      // tables ignore case, so two such columns could not stand in one
      if (!seen.add(column.name().toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException(
            "dataset.columns has \"%s\" twice (upper and lower case count as one)"
                .formatted(column.name()));
      }
    }
    if (columns.stream().noneMatch(column -> column.name().equals(label))) {
      throw new IllegalArgumentException(
          "dataset.label is \"%s\"; it must be one of the columns %s"
              .formatted(label, columns.stream().map(ColumnDescription::name).toList()));
    }
    if (columns.size() < 2) {
      throw new IllegalArgumentException(
          "dataset.columns has the label only; at least one feature is needed");
    }
  }

  /** Names of all columns but the label, in order. */
  public List<String> features() {
    return columns.stream().map(ColumnDescription::name).filter(n -> !n.equals(label)).toList();
  }
}
