package winequality.data;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The columns of a table in their order, and which of them to predict.
 *
 * @param columns all columns including the label and a weight; at least one more
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
      // VectorAssembler does not compile with a double quote; in a condition ${…} would become a
      // variable of the environment
      if (TAKEN.contains(columnName.toLowerCase(Locale.ROOT))
          || columnName.startsWith("_")
          || columnName.matches("(?s).*([.`\"]|\\$\\{).*")) {
        throw new IllegalArgumentException(
            "dataset.columns has \"%s\"; a column must not be called %s, begin with _ or have a dot, a backtick, a double quote or ${; choose another name, and give the one in the files as its header"
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
    for (ColumnDescription column : columns) {
      if (column.name().equals(label) && !column.kind().equals(ColumnKind.NUMBER)) {
        throw new IllegalArgumentException(
            "dataset.label is \"%s\"; it must be a number that is never missing".formatted(label));
      }
    }
    if (columns.stream().filter(column -> column.kind() instanceof ColumnKind.Weight).count() > 1) {
      throw new IllegalArgumentException("dataset.columns has two weights; a row has one");
    }
    if (columns.stream().allMatch(column -> !isFeature(column, label))) {
      throw new IllegalArgumentException(
          "dataset.columns has no feature; at least one column besides the label is needed");
    }
  }

  private static boolean isFeature(ColumnDescription column, String label) {
    return !column.name().equals(label) && !(column.kind() instanceof ColumnKind.Weight);
  }

  /** The columns that predict, in order. */
  public List<ColumnDescription> featureColumns() {
    return columns.stream().filter(column -> isFeature(column, label)).toList();
  }

  /** Their names. */
  public List<String> features() {
    return featureColumns().stream().map(ColumnDescription::name).toList();
  }

  /** The name of the column that says how much a row counts. */
  public Optional<String> weight() {
    return columns.stream()
        .filter(column -> column.kind() instanceof ColumnKind.Weight)
        .map(ColumnDescription::name)
        .findFirst();
  }
}
