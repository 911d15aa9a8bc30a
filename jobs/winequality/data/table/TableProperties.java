package winequality.data.table;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import winequality.data.ColumnDescription;
import winequality.data.DatasetDescription;

/** What the tables of an ingest say of themselves, and what the accepted rows hold to. */
public final class TableProperties {

  /** The name of the CHECK constraint on the table of accepted rows. */
  static final String CONSTRAINT = "believed_values";

  /** The property in which Delta keeps it. */
  static final String CONSTRAINT_KEY = "delta.constraints." + CONSTRAINT;

  private static final String OWN = "winequality.";

  // Delta's own week is too short for what looks back at a champion's version: reproduction, drift,
  // time travel. On Databricks predictive optimisation runs VACUUM by itself.
  private static final String KEPT = "interval 90 days";

  private TableProperties() {}

  public static Map<String, String> ofAccepted(DatasetDescription dataset) {
    Map<String, String> properties =
        said(dataset, "rows that meet the description of the data set; label " + dataset.label());
    properties.put(CONSTRAINT_KEY, condition(dataset));
    properties.put("delta.deletedFileRetentionDuration", KEPT);
    properties.put("delta.logRetentionDuration", KEPT);
    return properties;
  }

  public static Map<String, String> ofQuarantine(DatasetDescription dataset) {
    return said(dataset, "rows that were refused, with file, line, raw text, rule and value");
  }

  /**
   * What is true of every version. A property with the source or the fingerprint would be true of
   * the version that set it only, and stay in the later ones; these stand in each version's commit.
   */
  private static Map<String, String> said(DatasetDescription dataset, String holds) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(OWN + "dataset", dataset.name());
    properties.put(OWN + "holds", holds);
    properties.put(
        OWN + "versions",
        "source, files, fingerprint, counts and job of each: DESCRIBE HISTORY, column userMetadata");
    return properties;
  }

  /** Those of this project; the others are Delta's, and a user may have set them anew. */
  static Map<String, String> own(Map<String, String> properties) {
    return properties.entrySet().stream()
        .filter(property -> property.getKey().startsWith(OWN))
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
