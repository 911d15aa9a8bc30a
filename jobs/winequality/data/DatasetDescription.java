package winequality.data;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The numeric columns of a table in their order, and which of them to predict.
 *
 * @param columns all columns including the label, at least two
 */
public record DatasetDescription(String name, List<ColumnDescription> columns, String label) {
  /** The columns that a trained pipeline adds. */
  private static final List<String> TAKEN = List.of("features", "prediction");

  public DatasetDescription {
    columns = List.copyOf(columns);
    if (name.isBlank()) {
      throw new IllegalArgumentException("dataset.name is empty; give the data set a short name");
    }
    Set<String> seen = new HashSet<>();
    Set<String> headers = new HashSet<>();
    for (ColumnDescription column : columns) {
      String columnName = column.name();
      // MLlib takes a dot for access to a field of a struct; the code that Spark generates for a
      // VectorAssembler does not compile with a double quote
      if (TAKEN.contains(columnName.toLowerCase(Locale.ROOT))
          || columnName.startsWith("_")
          || columnName.matches("(?s).*[.`\"].*")) {
        throw new IllegalArgumentException(
            "dataset.columns has \"%s\"; a column must not be called %s, begin with _ or have a dot, a backtick or a double quote; choose another name, and give the one in the files as its header"
                .formatted(columnName, String.join(" or ", TAKEN)));
      }
      if (column.isField() && !headers.add(column.header().toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException(
            "dataset.columns has two columns with the header \"%s\" (upper and lower case count as one)"
                .formatted(column.header()));
      }
      // tables ignore case, so one table cannot have both
      if (!seen.add(columnName.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException(
            "dataset.columns has \"%s\" twice (upper and lower case count as one)"
                .formatted(columnName));
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
