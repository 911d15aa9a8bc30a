package winequality.scoring;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.exceptions.DeltaConcurrentModificationException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.DataRefusedException;
import winequality.data.DeltaLocation;
import winequality.data.TableVersion;

/**
 * A Delta table in which each scoring has a part of its own, written in one commit.
 *
 * <p>What is the same in all rows of a scoring is a partition column: Parquet has not to hold it,
 * and as data these columns would cost more than the rest of the row. A part takes the place of an
 * earlier one of the same input and model version, in the same commit, so that nothing is doubled,
 * whatever happened before.
 */
final class ScoringTable {

  private static final Logger LOG = LoggerFactory.getLogger(ScoringTable.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How many of the latest commits are looked at for one that was just made. */
  private static final int HISTORY = 100;

  private static final int ATTEMPTS = 3;

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
          .formatted(quoted(model), modelVersion, quoted(input), quoted(inputVersion));
    }

    private static String quoted(String text) {
      return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
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
   * A name for a commit that is to be made once, although the job may be started again.
   *
   * @param attempt raised to have it made once more
   */
  record Once(String name, long attempt) {}

  /**
   * Writes the part, unless the same commit was made before.
   *
   * @param once empty for a commit that may be made again
   * @return the version and the number of rows that were written; empty if it was made before
   * @throws DataRefusedException if something else is at the location, or its columns are others
   */
  Optional<Written> write(Dataset<Row> rows, Optional<Once> once) {
    for (int tried = 1; ; tried++) {
      try {
        save(rows, once);
        return written();
      } catch (Exception e) {
        // checked exceptions too, which Spark's Scala does not declare
        if (e instanceof DeltaConcurrentModificationException && tried < ATTEMPTS) {
          LOG.info("Another job wrote {} at the same time; once more", location.text());
        } else if (e instanceof AnalysisException) {
          throw new DataRefusedException(
              "The table %s cannot take the rows: %s. Give the job a table of its own (%s)."
                  .formatted(
                      location.text(),
                      String.valueOf(e.getMessage()).lines().findFirst().orElse("no message"),
                      setting),
              e);
        } else {
          throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
        }
      }
    }
  }

  /** A commit of this job. */
  record Written(TableVersion table, long rows) {}

  private void save(Dataset<Row> rows, Optional<Once> once) {
    boolean exists = location.exists(spark);
    if (exists) {
      requireOurs();
      requireSameTypes(rows.schema());
    } else {
      location.requireRoom(spark);
    }
    List<Column> columns = new ArrayList<>(List.of(col("*")));
    part.constants().forEach((name, value) -> columns.add(lit(value).as(name)));
    DataFrameWriter<Row> writer =
        rows.select(columns.toArray(Column[]::new))
            .write()
            .format("delta")
            .partitionBy(COLUMNS.toArray(String[]::new))
            .option("userMetadata", metadata());
    if (once.isPresent()) {
      // Delta's own transaction: it leaves a commit of this name out, unless the number is higher
      writer =
          writer
              .option("txnAppId", "winequality:" + once.get().name())
              .option("txnVersion", once.get().attempt());
    }
    writer =
        writer
            // also where the table is new, since another job may be making it at this moment
            .mode(SaveMode.Overwrite)
            .option("replaceWhere", part.condition());
    location.save(
        exists
            ? writer.option("mergeSchema", true)
            // the CSV's own names have spaces, which Parquet columns may not have
            : writer.option("delta.columnMapping.mode", "name"));
  }

  /** Only a table that a scoring has made is added to. */
  private void requireOurs() {
    List<String> has = Arrays.asList(location.open(spark).toDF().columns());
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
    StructType has = location.open(spark).toDF().schema();
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

  private Optional<Written> written() {
    for (Row commit :
        location
            .open(spark)
            .history(HISTORY)
            .select("version", "userMetadata", "operationMetrics")
            .collectAsList()) {
      if (jobId(commit.getString(1)).equals(part.jobId())) {
        Map<String, String> metrics = commit.getJavaMap(2);
        String rows = metrics.get("numOutputRows");
        return Optional.of(
            new Written(
                new TableVersion(location.text(), commit.getLong(0)),
                rows == null ? rows() : Long.parseLong(rows)));
      }
    }
    return Optional.empty();
  }

  /** The newest version; empty if there is no such table. */
  OptionalLong newest() {
    return location.exists(spark)
        ? OptionalLong.of(location.open(spark).history(1).select("version").first().getLong(0))
        : OptionalLong.empty();
  }

  /** The table as it is now. */
  TableVersion table() {
    return new TableVersion(location.text(), newest().orElseThrow());
  }

  /** How many rows the part has; Delta knows that without reading any. */
  long rows() {
    return newest().isPresent() ? rowsOfPart().count() : 0;
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
    return location.open(spark).toDF().filter(part.condition());
  }

  /** Names of the input's columns that the table has to itself. */
  List<String> taken(List<String> columns) {
    List<String> all = new ArrayList<>(COLUMNS);
    all.addAll(own);
    return columns.stream().filter(name -> all.contains(name.toLowerCase(Locale.ROOT))).toList();
  }

  private String metadata() {
    try {
      return JSON.writeValueAsString(Map.of("scoring", part.jobId()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A job id that JSON cannot hold", e);
    }
  }

  private static String jobId(String metadata) {
    if (metadata == null) {
      return "";
    }
    try {
      JsonNode facts = JSON.readTree(metadata);
      return facts.path("scoring").asText();
    } catch (JsonProcessingException e) {
      return ""; // another writer's own text
    }
  }
}
