package winequality.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * Makes a Delta table hold exactly some rows, in one commit, and makes no commit if it does
 * already.
 *
 * <p>Each commit carries a fingerprint of its rows in {@code userMetadata}; a table whose last
 * change of data has the fingerprint of what is to be written is left alone.
 */
final class MirrorWriter {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * How many of the latest commits are looked at; a table whose last ingest lies further back
   * counts as foreign.
   */
  private static final int HISTORY = 50;

  /** Commits that leave the rows as they are. */
  private static final Set<String> SAME_ROWS =
      Set.of(
          "OPTIMIZE",
          "VACUUM START",
          "VACUUM END",
          "SET TBLPROPERTIES",
          "UNSET TBLPROPERTIES",
          "ADD CONSTRAINT",
          "DROP CONSTRAINT",
          "CHANGE COLUMN",
          "UPGRADE PROTOCOL",
          "CLUSTER BY",
          "COMPUTE STATISTICS");

  private final SparkSession spark;
  private final String ingestId;

  /**
   * @param ingestId unique for this ingest; finds the commit again among those of other writers
   */
  MirrorWriter(SparkSession spark, String ingestId) {
    this.spark = spark;
    this.ingestId = ingestId;
  }

  /**
   * Writes the rows, unless the table holds them.
   *
   * @param facts what the commit says of itself besides
   * @return the version that holds the rows
   * @throws DataRefusedException if something else is at the location or its columns are others
   */
  TableVersion write(
      Dataset<Row> rows, DeltaLocation location, String fingerprint, Map<String, Object> facts) {
    try {
      return mirror(rows, location, fingerprint, facts);
    } catch (Exception e) {
      // a checked exception that Spark's Scala does not declare
      if (e instanceof AnalysisException) {
        throw new DataRefusedException(
            "The table %s cannot take the rows: %s. Something else is there, or it was made for another data set; give this one tables of its own (data.table, data.quarantine-table)."
                .formatted(location.text(), firstLine(e)),
            e);
      }
      throw e;
    }
  }

  private TableVersion mirror(
      Dataset<Row> rows, DeltaLocation location, String fingerprint, Map<String, Object> facts) {
    boolean exists = location.exists(spark);
    if (exists) {
      List<Row> history = history(location);
      requireOurs(location, history, rows);
      OptionalLong held = held(history, fingerprint);
      if (held.isPresent()) {
        return new TableVersion(location.text(), held.getAsLong());
      }
    }
    DataFrameWriter<Row> writer =
        rows.write()
            .format("delta")
            .mode(SaveMode.Overwrite)
            .option("userMetadata", metadata(fingerprint, facts));
    if (exists) {
      // the columns are the same; their comments may not be
      writer = writer.option("overwriteSchema", true);
    } else {
      // the CSV's own names have spaces, which Parquet columns may not have
      writer = writer.option("delta.columnMapping.mode", "name");
    }
    location.save(writer);
    return new TableVersion(location.text(), written(location));
  }

  /** Overwriting is for tables that an ingest has made and for the same columns. */
  private void requireOurs(DeltaLocation location, List<Row> history, Dataset<Row> rows) {
    boolean ours = history.stream().anyMatch(commit -> fact(commit, "ingest").isPresent());
    List<String> columns = List.of(location.open(spark).toDF().columns());
    if (!ours || !columns.equals(List.of(rows.columns()))) {
      throw new DataRefusedException(
          "The table %s was not made by an ingest of this data set (columns %s; wanted %s), and is not overwritten. Give this data set tables of its own (data.table, data.quarantine-table), or drop that one."
              .formatted(location.text(), columns, List.of(rows.columns())));
    }
  }

  /**
   * The newest version, if the last change of its rows has the fingerprint. An older one with the
   * same rows will not do: after OPTIMIZE and VACUUM its files may be gone.
   */
  private static OptionalLong held(List<Row> history, String fingerprint) {
    for (Row commit : history) {
      if (!SAME_ROWS.contains(commit.<String>getAs("operation"))) {
        return fact(commit, "fingerprint").equals(Optional.of(fingerprint))
            ? OptionalLong.of(history.get(0).<Long>getAs("version"))
            : OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }

  private long written(DeltaLocation location) {
    for (Row commit : history(location)) {
      if (fact(commit, "ingest").equals(Optional.of(ingestId))) {
        return commit.getAs("version");
      }
    }
    throw new IllegalStateException(
        "The commit of ingest %s is not among the latest of %s"
            .formatted(ingestId, location.text()));
  }

  /** The latest commits, newest first. */
  private List<Row> history(DeltaLocation location) {
    return location
        .open(spark)
        .history(HISTORY)
        .select("version", "operation", "userMetadata")
        .collectAsList();
  }

  private static Optional<String> fact(Row commit, String name) {
    return userMetadata(commit)
        .filter(facts -> facts.hasNonNull(name))
        .map(facts -> facts.get(name).asText());
  }

  private static Optional<JsonNode> userMetadata(Row commit) {
    String text = commit.getAs("userMetadata");
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(text));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // another writer's own text
    }
  }

  private String metadata(String fingerprint, Map<String, Object> facts) {
    Map<String, Object> all = new java.util.LinkedHashMap<>(facts);
    all.put("fingerprint", fingerprint);
    all.put("ingest", ingestId);
    try {
      return JSON.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Commit facts that JSON cannot hold: " + all, e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
  }
}
