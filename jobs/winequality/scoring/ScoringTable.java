package winequality.scoring;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import winequality.data.DataRefusedException;
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableVersion;
import winequality.data.table.TableWriter;

/**
 * A Delta table in which each scoring has its part, written in one commit.
 *
 * <p>Columns that are equal in all rows of a scoring are partition columns: stored in Parquet, they
 * would take more room than the rest of the row. A commit also replaces an earlier part of the same
 * input and model version, so nothing is duplicated, whatever happened before.
 */
final class ScoringTable {

  /** Identifies a scoring and its part of the table; the job started at that time. */
  record Part(ScoringInput input, ScoringModel model, String jobId, Instant at) {
    private Map<String, Object> constants() {
      Map<String, Object> constants = new LinkedHashMap<>();
      constants.put("model_name", model.name());
      constants.put("model_version", model.version());
      constants.put("run_id", model.runId());
      constants.put("scored_at", at);
      constants.put("input", input.location());
      constants.put("input_version", input.version());
      return constants;
    }

    /** Equal for scorings of the same rows by the same version. */
    private String condition() {
      return "model_name = %s AND model_version = %s AND input = %s AND input_version = %s"
          .formatted(
              TableWriter.literal(model.name()),
              model.version(),
              TableWriter.literal(input.location()),
              TableWriter.literal(input.version()));
    }
  }

  private final SparkSession spark;
  private final DeltaLocation location;
  private final String setting;
  private final List<String> needed;
  private final Part part;

  /** Every such table has the {@code own} columns besides those of the part. */
  ScoringTable(SparkSession spark, String location, String setting, List<String> own, Part part) {
    this.spark = spark;
    this.location = DeltaLocation.resolved(location, spark);
    this.setting = setting;
    this.needed = Stream.concat(part.constants().keySet().stream(), own.stream()).toList();
    this.part = part;
  }

  /**
   * Writes the part, unless the same commit was made before.
   *
   * @param once empty for a commit that may be repeated
   * @throws DataRefusedException if the location has something else or other columns
   */
  Optional<Written> write(Dataset<Row> rows, Optional<TableWriter.Once> once) {
    return new TableWriter(
            spark, new TableWriter.Author("scoring", part.jobId(), setting), location, Map.of())
        .replacePart(
            () -> fitting(rows), part.condition(), List.copyOf(part.constants().keySet()), once)
        .map(
            commit ->
                new Written(
                    new TableVersion(location.text(), commit.version()),
                    commit.newRows().orElseGet(this::rows)));
  }

  record Written(TableVersion table, long rows) {}

  private Dataset<Row> fitting(Dataset<Row> rows) {
    if (location.exists(spark)) {
      requireFitting(location.rows(spark).schema(), rows.schema());
    }
    List<Column> columns = new ArrayList<>(List.of(col("*")));
    part.constants().forEach((name, value) -> columns.add(lit(value).as(name)));
    return rows.select(columns.toArray(Column[]::new));
  }

  /** A CSV's columns outside the signature are text; in an earlier input they may not have been. */
  private void requireFitting(StructType has, StructType rows) {
    List<String> lacks = new ArrayList<>(needed);
    lacks.removeAll(List.of(has.fieldNames()));
    if (!lacks.isEmpty()) {
      throw new DataRefusedException(
          "The table %s was not made by this job (it lacks %s) and is not changed. Give the job a separate table (%s)."
              .formatted(location.text(), lacks, setting));
    }
    List<String> differences = new ArrayList<>();
    for (StructField field : rows.fields()) {
      for (StructField other : has.fields()) {
        String type = field.dataType().simpleString();
        String otherType = other.dataType().simpleString();
        if (other.name().equalsIgnoreCase(field.name())
            && !other.dataType().equals(field.dataType())) {
          differences.add(
              "\"%s\" is %s there and %s in the rows".formatted(field.name(), otherType, type));
        }
      }
    }
    if (!differences.isEmpty()) {
      throw new DataRefusedException(
          "The table %s cannot take the rows: %s. Name the columns to store with the prediction (scoring.columns), or give these rows a separate table (%s)."
              .formatted(location.text(), String.join("; ", differences), setting));
    }
  }

  boolean exists() {
    return location.exists(spark);
  }

  TableVersion table() {
    return location.newestVersion(spark);
  }

  /** How many rows the part has, which Delta knows without reading any. */
  long rows() {
    return exists() ? rowsOfPart().count() : 0;
  }

  /** The rows of each rule, most frequent first: rule, number and one of the reasons. */
  List<Row> byRule() {
    return rowsOfPart()
        .groupBy("rule")
        .agg(count("*").as("rows"), min("reason"))
        .orderBy(col("rows").desc(), col("rule"))
        .collectAsList();
  }

  private Dataset<Row> rowsOfPart() {
    return location.rows(spark).filter(part.condition());
  }

  /** The columns whose names the table needs for other values. */
  List<String> taken(List<String> columns) {
    return columns.stream().filter(name -> needed.contains(name.toLowerCase(Locale.ROOT))).toList();
  }
}
