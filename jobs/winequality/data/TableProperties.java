package winequality.data;

import java.util.Map;
import java.util.stream.Collectors;

/** What the table of accepted rows holds to from its first version on. */
final class TableProperties {

  /** The name of the CHECK constraint on the table of accepted rows. */
  static final String CONSTRAINT = "believed_values";

  /** The property in which Delta keeps it. */
  static final String CONSTRAINT_KEY = "delta.constraints." + CONSTRAINT;

  // Delta's own week is too short for what looks back at a champion's version: reproduction, drift,
  // time travel. On
  // Databricks predictive optimisation runs VACUUM by itself.
  private static final String KEPT = "interval 90 days";

  private TableProperties() {}

  static Map<String, String> ofAccepted(DatasetDescription dataset) {
    return Map.of(
        CONSTRAINT_KEY,
        condition(dataset),
        "delta.deletedFileRetentionDuration",
        KEPT,
        "delta.logRetentionDuration",
        KEPT);
  }

  /**
   * True for rows that are believed. One condition: Delta takes as long for each as for a long one.
   */
  static String condition(DatasetDescription dataset) {
    return dataset.columns().stream()
        .map(TableProperties::condition)
        .collect(Collectors.joining(" AND "));
  }

  private static String condition(ColumnDescription column) {
    String name = column.quoted();
    StringBuilder condition = new StringBuilder(name + " IS NOT NULL");
    if (column.min() != Double.NEGATIVE_INFINITY) {
      condition.append(" AND ").append(name).append(" >= ").append(column.min()).append("D");
    }
    if (column.max() != Double.POSITIVE_INFINITY) {
      condition.append(" AND ").append(name).append(" <= ").append(column.max()).append("D");
    }
    return condition.toString();
  }
}
