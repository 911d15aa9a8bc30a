package winequality.data;

import java.util.Map;
import java.util.stream.Collectors;

/** What the tables of an ingest say of themselves, and what the accepted rows hold to. */
final class TableProperties {

  /** The name of the CHECK constraint on the table of accepted rows. */
  static final String CONSTRAINT = "believed_values";

  /** The property in which Delta keeps it. */
  static final String CONSTRAINT_KEY = "delta.constraints." + CONSTRAINT;

  private static final String OWN = "winequality.";
  private static final String WHO_WROTE =
      "userMetadata in DESCRIBE HISTORY: source, files, fingerprint, counts and job of each";

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
        KEPT,
        OWN + "dataset",
        dataset.name(),
        OWN + "holds",
        "rows that meet the description of the data set; label " + dataset.label(),
        OWN + "versions",
        WHO_WROTE);
  }

  static Map<String, String> ofQuarantine(DatasetDescription dataset) {
    return Map.of(
        OWN + "dataset",
        dataset.name(),
        OWN + "holds",
        "rows that were refused, with file, line, raw text, rule and reason",
        OWN + "versions",
        WHO_WROTE);
  }

  /** Those that the first commit can carry. */
  static Map<String, String> ofDelta(Map<String, String> properties) {
    return chosen(properties, true);
  }

  /** Those that need a commit of their own, since Spark's writer passes none on but Delta's. */
  static Map<String, String> own(Map<String, String> properties) {
    return chosen(properties, false);
  }

  private static Map<String, String> chosen(Map<String, String> properties, boolean ofDelta) {
    return properties.entrySet().stream()
        .filter(property -> property.getKey().startsWith("delta.") == ofDelta)
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
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
