package winequality.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.exceptions.DeltaConcurrentModificationException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.DataFrameWriterV2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes rows into a Delta table in one commit, which carries in {@code userMetadata} what it is.
 *
 * <p>A table that exists is written only if an ingest has made it and its columns are the same.
 */
final class TableWriter {

  private static final Logger LOG = LoggerFactory.getLogger(TableWriter.class);

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * So many files of less than this size, on average, are made into fewer before more are added.
   */
  private static final long MANY_FILES = 50;

  private static final long SMALL_FILE = 32L << 20;

  /** Begins the names of Delta's own transactions: a commit with a name it has had is left out. */
  private static final String TRANSACTION = "winequality:";

  /**
   * How many of the latest commits are looked at; a table whose last ingest lies further back
   * counts as foreign.
   */
  private static final int HISTORY = 50;

  private final SparkSession spark;
  private final String ingestId;
  private final DeltaLocation location;
  private final Map<String, String> properties;

  /**
   * @param ingestId unique for this ingest; finds the commit again among those of other writers
   * @param properties of the table, set when it is made
   */
  TableWriter(
      SparkSession spark, String ingestId, DeltaLocation location, Map<String, String> properties) {
    this.spark = spark;
    this.ingestId = ingestId;
    this.location = location;
    this.properties = properties;
  }

  /**
   * Makes the table hold exactly these rows; makes no commit if it does already.
   *
   * @param count of the rows
   * @param fingerprint different for different rows
   * @param held is told of the commit that brought the rows, if they are there
   * @param facts what the commit says of itself besides
   * @return the version that holds the rows
   * @throws DataRefusedException if something else is at the location or its columns are others
   */
  TableVersion replace(
      Dataset<Row> rows,
      long count,
      String fingerprint,
      Consumer<DeltaCommit> held,
      Map<String, Object> facts) {
    Map<String, Object> all = new LinkedHashMap<>(facts);
    all.put("fingerprint", fingerprint);
    return refusing(
        () -> {
          boolean constraint = false;
          if (location.exists(spark)) {
            List<DeltaCommit> history = requireOurs(rows);
            Optional<DeltaCommit> commit = holding(history, fingerprint);
            if (commit.isPresent()) {
              held.accept(commit.get());
              return new TableVersion(location.text(), history.get(0).version());
            }
            constraint = renew(properties(detail()));
            // the columns are the same; their comments may not be
            location.save(
                writer(rows, all).mode(SaveMode.Overwrite).option("overwriteSchema", true));
          } else {
            create(rows, all);
          }
          return written(count, constraint);
        });
  }

  /**
   * Adds rows.
   *
   * @param count of the rows
   * @param once a name for the state that the caller goes out from: of several writers that go out
   *     from the same, one adds its rows, the others fail
   * @throws DataRefusedException if something else is at the location, its columns are others, or
   *     another writer was quicker
   */
  TableVersion append(Dataset<Row> rows, long count, String once, Map<String, Object> facts) {
    return refusing(
        () -> {
          boolean constraint = false;
          if (location.exists(spark)) {
            requireOurs(rows);
            Row detail = detail();
            compact(detail);
            constraint = renew(properties(detail));
            location.save(
                writer(rows, facts)
                    .mode(SaveMode.Append)
                    .option("txnAppId", TRANSACTION + once)
                    .option("txnVersion", 1));
          } else {
            create(rows, facts);
          }
          return written(count, constraint);
        });
  }

  /** Puts rows in the place of those that meet a condition, which all new ones meet too. */
  TableVersion replaceWhere(
      Dataset<Row> rows, long count, String condition, Map<String, Object> facts) {
    return refusing(
        () -> {
          if (location.exists(spark)) {
            requireOurs(rows);
            renew(properties(detail()));
            location.save(
                writer(rows, facts).mode(SaveMode.Overwrite).option("replaceWhere", condition));
          } else {
            create(rows, facts);
          }
          return written(count, false);
        });
  }

  private DataFrameWriter<Row> writer(Dataset<Row> rows, Map<String, Object> facts) {
    return rows.write().format("delta").option("userMetadata", metadata(facts));
  }

  /**
   * Makes the table with its rows in one commit. Of two writers that find none, one makes it: the
   * other's transaction has the same name, and Delta leaves it out.
   */
  private void create(Dataset<Row> rows, Map<String, Object> facts) {
    location.requireRoom(spark);
    DataFrameWriterV2<Row> writer =
        location
            .creation(rows)
            .option("userMetadata", metadata(facts))
            .option("txnAppId", TRANSACTION + "new")
            .option("txnVersion", "1")
            // the CSV's own names have spaces, which Parquet columns may not have
            .tableProperty("delta.columnMapping.mode", "name");
    properties.forEach(writer::tableProperty);
    // "create" would leave the commit without its userMetadata
    writer.createOrReplace();
  }

  private Row detail() {
    return location.open(spark).detail().select("numFiles", "sizeInBytes", "properties").first();
  }

  private static Map<String, String> properties(Row detail) {
    return detail.getJavaMap(detail.fieldIndex("properties"));
  }

  /** Many nights leave many small files, which every training would open one by one. */
  private void compact(Row detail) {
    long files = detail.<Long>getAs("numFiles");
    if (files < MANY_FILES || detail.<Long>getAs("sizeInBytes") / files > SMALL_FILE) {
      return;
    }
    try {
      location.open(spark).optimize().executeCompaction();
    } catch (Exception e) {
      LOG.warn(
          "The {} small files of {} stay as they are: {}", files, location.text(), firstLine(e));
    }
  }

  /**
   * What a table says of itself that was made by an earlier release, or for other ranges than the
   * description has now. Before the rows are written: the newest version is the one with the rows.
   *
   * @return whether a constraint is to be added once the rows are there
   */
  private boolean renew(Map<String, String> current) {
    Map<String, String> own = TableProperties.own(properties);
    if (!current.entrySet().containsAll(own.entrySet())) {
      alter(
          own.entrySet().stream()
              .map(property -> literal(property.getKey()) + " = " + literal(property.getValue()))
              .collect(Collectors.joining(", ", "SET TBLPROPERTIES (", ")")));
    }
    String wanted = properties.get(TableProperties.CONSTRAINT_KEY);
    String has = current.get(TableProperties.CONSTRAINT_KEY);
    if (wanted == null || wanted.equals(has)) {
      return false;
    }
    if (has != null) {
      alter("DROP CONSTRAINT " + TableProperties.CONSTRAINT);
    }
    return true;
  }

  private void alter(String change) {
    spark.sql("ALTER TABLE %s %s".formatted(location.sql(), change));
  }

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private void addConstraint() {
    try {
      alter(
          "ADD CONSTRAINT %s CHECK (%s)"
              .formatted(
                  TableProperties.CONSTRAINT, properties.get(TableProperties.CONSTRAINT_KEY)));
    } catch (Exception e) {
      LOG.warn(
          "{} goes without a CHECK constraint: {}. Rows from before may lie outside the ranges in dataset.columns, or the job does not own the table.",
          location.text(),
          firstLine(e));
    }
  }

  private interface Work {
    TableVersion perform() throws Exception;
  }

  private TableVersion refusing(Work work) {
    try {
      return work.perform();
    } catch (Exception e) {
      // a checked exception that Spark's Scala does not declare
      if (e instanceof AnalysisException) {
        throw notForRows(location, e);
      }
      if (e instanceof DeltaConcurrentModificationException) {
        throw anotherJob(e);
      }
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof IOException) {
          throw new IllegalStateException(
              "The rows could not be written into %s (%s: %s). Nothing was committed, so the table is as it was. Make room, or see to the rights, and run the job again; VACUUM removes what is left of the attempt."
                  .formatted(location.text(), cause.getClass().getSimpleName(), cause.getMessage()),
              e);
        }
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  static DataRefusedException notForRows(DeltaLocation location, Exception e) {
    return new DataRefusedException(
        "The table %s cannot take the rows: %s. Something else is there, it was made for another data set, or its name has to stand in backticks; give this one tables of its own (data.table, data.quarantine-table)."
            .formatted(location.text(), firstLine(e)),
        e);
  }

  private DataRefusedException anotherJob(@Nullable Exception cause) {
    return new DataRefusedException(
        "Another job has written %s since this one looked which files are in it. Nothing was added; run the job again. If no other job runs, the files of an earlier table lie there, which was dropped and not deleted: remove them."
            .formatted(location.text()),
        cause);
  }

  /** Writing is for tables that an ingest has made and for the same columns. */
  private List<DeltaCommit> requireOurs(Dataset<Row> rows) {
    List<DeltaCommit> history = DeltaCommit.latest(location, spark, HISTORY);
    boolean ours = history.stream().anyMatch(commit -> commit.fact("ingest").isPresent());
    List<String> columns = List.of(location.open(spark).toDF().columns());
    if (!ours || !columns.equals(List.of(rows.columns()))) {
      throw new DataRefusedException(
          "The table %s was not made by an ingest of this data set (columns %s; wanted %s), and is not overwritten. Give this data set tables of its own (data.table, data.quarantine-table), or drop that one."
              .formatted(location.text(), columns, List.of(rows.columns())));
    }
    return history;
  }

  /**
   * The last change of the newest version's rows, if it has the fingerprint. An older version with
   * the same rows will not do: after OPTIMIZE and VACUUM its files may be gone.
   */
  private static Optional<DeltaCommit> holding(List<DeltaCommit> history, String fingerprint) {
    return history.stream()
        .filter(commit -> !commit.leavesRows())
        .findFirst()
        .filter(commit -> commit.fact("fingerprint").equals(Optional.of(fingerprint)));
  }

  private TableVersion written(long count, boolean constraint) {
    TableVersion version = written(count);
    if (constraint) {
      addConstraint();
    }
    return version;
  }

  private TableVersion written(long count) {
    for (DeltaCommit commit : DeltaCommit.latest(location, spark, HISTORY)) {
      if (commit.fact("ingest").equals(Optional.of(ingestId))) {
        String output = commit.metrics().get("numOutputRows");
        if (output != null && Long.parseLong(output) != count) {
          throw new IllegalStateException(
              "Version %d of %s has %s new rows, and %d were read: the source was changed while a lost executor's part of it was read again. Restore version %d (RESTORE TABLE), and run the job with data.mode=replace when the source rests."
                  .formatted(
                      commit.version(), location.text(), output, count, commit.version() - 1));
        }
        return new TableVersion(location.text(), commit.version());
      }
    }
    throw anotherJob(null);
  }

  private String metadata(Map<String, Object> facts) {
    Map<String, Object> all = new LinkedHashMap<>(facts);
    all.put("ingest", ingestId);
    try {
      return JSON.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Commit facts that JSON cannot hold: " + all, e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage())
        .lines()
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse("no message");
  }
}
