package winequality.scoring;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
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
 * A Delta table in which each scoring has a part of its own, written in one commit.
 *
 * <p>What is the same in all rows of a scoring is a partition column: Parquet has not to hold it,
 * and as data these columns would cost more than the rest of the row. A part takes the place of an
 * earlier one of the same input and model version, in the same commit, so that nothing is doubled,
 * whatever happened before.
 */
final class ScoringTable {

  /**
   * What one scoring is: a part of the table for each.
   *
   * @param jobId unique for this start of the job
   * @param at when the job started
   */
  record Part(
      String input,
      String inputVersion,
      String model,
      long modelVersion,
      String runId,
      String jobId,
      Instant at) {

    private Map<String, Object> constants() {
      Map<String, Object> constants = new LinkedHashMap<>();
      constants.put("model_name", model);
      constants.put("model_version", modelVersion);
      constants.put("run_id", runId);
      constants.put("scored_at", at);
      constants.put("input", input);
      constants.put("input_version", inputVersion);
      return constants;
    }

    /** What two scorings of the same rows by the same version have in common. */
    private String condition() {
      return "model_name = %s AND model_version = %d AND input = %s AND input_version = %s"
          .formatted(
              TableWriter.literal(model),
              modelVersion,
              TableWriter.literal(input),
              TableWriter.literal(inputVersion));
    }
  }

  /** The names of the columns that say which scoring a row belongs to. */
  static final List<String> COLUMNS =
      List.of("model_name", "model_version", "run_id", "scored_at", "input", "input_version");

  private final SparkSession spark;
  private final DeltaLocation location;
  private final String setting;
  private final List<String> own;
  private final Part part;

  /**
   * @param setting the key that names the table, for messages
   * @param own columns that every such table has besides those of the part
   */
  ScoringTable(SparkSession spark, String location, String setting, List<String> own, Part part) {
    this.spark = spark;
    this.location = DeltaLocation.resolved(location, spark);
    this.setting = setting;
    this.own = own;
    this.part = part;
  }

  /**
   * Writes the part, unless the same commit was made before.
   *
   * @param once empty for a commit that may be made again
   * @return the version and the number of rows that were written; empty if it was made before
   * @throws DataRefusedException if something else is at the location, or its columns are others
   */
  Optional<Written> write(Dataset<Row> rows, Optional<TableWriter.Once> once) {
    if (location.exists(spark)) {
      requireOurs();
      requireSameTypes(rows.schema());
    }
    List<Column> columns = new ArrayList<>(List.of(col("*")));
    part.constants().forEach((name, value) -> columns.add(lit(value).as(name)));
    return new TableWriter(
            spark, new TableWriter.Author("scoring", part.jobId(), setting), location, Map.of())
        .replacePart(rows.select(columns.toArray(Column[]::new)), part.condition(), COLUMNS, once)
        .map(
            commit ->
                new Written(
                    new TableVersion(location.text(), commit.version()),
                    commit.newRows().orElseGet(this::rows)));
  }

  /** A commit of this job. */
  record Written(TableVersion table, long rows) {}

  /** Only a table that a scoring has made is added to. */
  private void requireOurs() {
    List<String> has = Arrays.asList(location.rows(spark).columns());
    List<String> lacks = new ArrayList<>(COLUMNS);
    lacks.addAll(own);
    lacks.removeAll(has);
    if (!lacks.isEmpty()) {
      throw new DataRefusedException(
          "The table %s was not made by this job (it lacks %s) and is left as it is. Give the job a table of its own (%s)."
              .formatted(location.text(), lacks, setting));
    }
  }

  /**
   * A CSV's columns beside those of the signature are text; in a table they were something else.
   */
  private void requireSameTypes(StructType rows) {
    StructType has = location.rows(spark).schema();
    List<String> differences = new ArrayList<>();
    for (StructField field : rows.fields()) {
      for (StructField other : has.fields()) {
        if (other.name().equalsIgnoreCase(field.name())
            && !other.dataType().equals(field.dataType())) {
          differences.add(
              "\"%s\" is %s there and %s in the rows"
                  .formatted(
                      field.name(),
                      other.dataType().simpleString(),
                      field.dataType().simpleString()));
        }
      }
    }
    if (!differences.isEmpty()) {
      throw new DataRefusedException(
          "The table %s cannot take the rows: %s. Name the columns that shall stand beside the prediction (scoring.columns), or give these rows a table of their own (%s)."
              .formatted(location.text(), String.join("; ", differences), setting));
    }
  }

  boolean exists() {
    return location.exists(spark);
  }

  /** The table as it is now. */
  TableVersion table() {
    return new TableVersion(location.text(), location.newest(spark).version());
  }

  /** How many rows the part has; Delta knows that without reading any. */
  long rows() {
    return exists() ? rowsOfPart().count() : 0;
  }

  /** Rows of the part by a column, most first. */
  Map<String, Long> rowsBy(String column) {
    return rowsOfPart().groupBy(column).count().collectAsList().stream()
        .sorted(
            (one, other) ->
                one.getLong(1) == other.getLong(1)
                    ? one.getString(0).compareTo(other.getString(0))
                    : Long.compare(other.getLong(1), one.getLong(1)))
        .collect(
            Collectors.toMap(
                row -> row.getString(0), row -> row.getLong(1), Long::sum, LinkedHashMap::new));
  }

  private Dataset<Row> rowsOfPart() {
    return location.rows(spark).filter(part.condition());
  }

  /** Names of the input's columns that the table has to itself. */
  List<String> taken(List<String> columns) {
    List<String> all = new ArrayList<>(COLUMNS);
    all.addAll(own);
    return columns.stream().filter(name -> all.contains(name.toLowerCase(Locale.ROOT))).toList();
  }
}
