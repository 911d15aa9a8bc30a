package winequality.data.table;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;

/** Properties of an ingest's tables, and the constraint on the accepted rows. */
public final class TableProperties {
  static final String CONSTRAINT = "believed_values";
  static final String CONSTRAINT_KEY = "delta.constraints." + CONSTRAINT;

  /** With more columns Java cannot compile the check, and Spark logs that at each write. */
  private static final int MOST_CONSTRAINED = 300;

  private static final String OWN = "winequality.";

  /** The data set that a job writes the table for. */
  static final String DATASET = OWN + "dataset";

  // Delta's default week is too short for reproduction, drift and time travel, which read the
  // champion's version. On Databricks predictive optimisation runs VACUUM unasked.
  private static final String KEPT = "interval 90 days";

  private TableProperties() {}

  public static Map<String, String> ofAccepted(DatasetDescription dataset) {
    Map<String, String> properties =
        common(dataset, "rows that meet the description of the data set; label " + dataset.label());
    if (dataset.columns().size() <= MOST_CONSTRAINED) {
      properties.put(CONSTRAINT_KEY, condition(dataset));
    }
    properties.put("delta.deletedFileRetentionDuration", KEPT);
    properties.put("delta.logRetentionDuration", KEPT);
    return properties;
  }

  public static Map<String, String> ofQuarantine(DatasetDescription dataset) {
    return common(dataset, "rows that were refused, with file, line, raw text, rule and value");
  }

  /** Only what is true of every version; source and fingerprint are in each version's commit. */
  private static Map<String, String> common(DatasetDescription dataset, String holds) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(DATASET, dataset.name());
    properties.put(OWN + "holds", holds);
    properties.put(
        OWN + "versions",
        "source, files, fingerprint, counts and job of each: DESCRIBE HISTORY, column userMetadata");
    return properties;
  }

  /** This project's properties; the others are Delta's, and a user may have changed them. */
  static Map<String, String> own(Map<String, String> properties) {
    return properties.entrySet().stream()
        .filter(property -> property.getKey().startsWith(OWN))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** True for plausible rows. One condition, because each costs Delta as much as a long one. */
  static String condition(DatasetDescription dataset) {
    List<String> conditions = new ArrayList<>();
    for (ColumnDescription column : dataset.columns()) {
      boolean gaps = column.kind().mayBeMissing();
      if (!gaps) {
        conditions.add(column.quoted() + " IS NOT NULL");
      }
      String range = range(column);
      if (!range.isEmpty()) {
        // Delta takes a condition that is null for one that is false
        conditions.add(gaps ? "(%s IS NULL OR (%s))".formatted(column.quoted(), range) : range);
      }
      if (column.kind() instanceof ColumnKind.Category category
          && !gaps
          && !category.levels().isEmpty()) {
        conditions.add(
            category.levels().stream()
                .map(TableWriter::literal)
                .collect(Collectors.joining(", ", column.quoted() + " IN (", ")")));
      }
    }
    return String.join(" AND ", conditions);
  }

  /**
   * Reads an earlier version, which another description may have let in.
   *
   * @throws DataRefusedException if it has rows that would be refused now
   */
  public static void requireMet(
      SparkSession spark, TableVersion version, DatasetDescription dataset) {
    Column met = coalesce(expr(condition(dataset)), lit(false));
    long others = TableRole.INGESTED.rows(spark, version, dataset).filter(not(met)).count();
    if (others > 0) {
      throw new DataRefusedException(
          "%d rows of version %d of %s do not fit dataset.columns: another description let them in. Ingest the source again (without data.table-version), or use the description of that time."
              .formatted(others, version.version(), version.location()));
    }
  }

  private static String range(ColumnDescription column) {
    List<String> bounds = new ArrayList<>();
    if (column.min() != Double.NEGATIVE_INFINITY) {
      bounds.add("%s >= %sD".formatted(column.quoted(), column.min()));
    }
    if (column.max() != Double.POSITIVE_INFINITY) {
      bounds.add("%s <= %sD".formatted(column.quoted(), column.max()));
    }
    return String.join(" AND ", bounds);
  }
}
