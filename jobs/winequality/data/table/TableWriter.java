package winequality.data.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.exceptions.DeltaConcurrentModificationException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
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
import winequality.data.DataRefusedException;

/**
 * Writes rows into a Delta table in one commit, which carries in {@code userMetadata} what it is.
 *
 * <p>An ingest replaces or adds rows: a table that exists is written only if an ingest has made it
 * and its columns are the same. A scoring replaces its part of a table.
 */
public final class TableWriter {

  private static final Logger LOG = LoggerFactory.getLogger(TableWriter.class);

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * So many files of less than this size, on average, are made into fewer before more are added.
   */
  private static final long MANY_FILES = 50;

  private static final long SMALL_FILE = 32L << 20;

  /** The CSV's own names have spaces, which Parquet columns may not have. */
  private static final String COLUMN_MAPPING = "delta.columnMapping.mode";

  /** Begins the names of Delta's own transactions: a commit with a name it has had is left out. */
  private static final String TRANSACTION = "winequality:";

  /**
   * How many of the latest commits are looked at; a table whose last ingest lies further back
   * counts as foreign.
   */
  private static final int HISTORY = 100;

  private static final String INGEST = "ingest";

  private static final int ATTEMPTS = 3;

  /**
   * Who writes.
   *
   * @param kind of job, under which its commits name the id
   * @param id unique for this job; finds its commit again among those of other writers
   * @param settings that name its tables, for messages
   */
  public record Author(String kind, String id, String settings) {}

  /**
   * A name for a commit that is to be made once, although the job may be started again.
   *
   * @param attempt raised to have it made once more
   */
  public record Once(String name, long attempt) {}

  private final SparkSession spark;
  private final Author author;
  private final DeltaLocation location;
  private final Map<String, String> properties;

  /**
   * @param properties of the table, set when an ingest makes it
   */
  public TableWriter(
      SparkSession spark, Author author, DeltaLocation location, Map<String, String> properties) {
    this.spark = spark;
    this.author = author;
    this.location = location;
    this.properties = properties;
  }

  public static Author ingest(String id) {
    return new Author(INGEST, id, "data.table, data.quarantine-table");
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
  public TableVersion replace(
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
  public TableVersion append(
      Dataset<Row> rows, long count, String once, Map<String, Object> facts) {
    return put(rows, count, facts, writer -> once(writer, new Once(once, 1)).mode(SaveMode.Append));
  }

  /** Puts rows in the place of those that meet a condition, which all new ones meet too. */
  public TableVersion replaceWhere(
      Dataset<Row> rows, long count, String condition, Map<String, Object> facts) {
    return put(
        rows,
        count,
        facts,
        writer -> writer.mode(SaveMode.Overwrite).option("replaceWhere", condition));
  }

  private TableVersion put(
      Dataset<Row> rows,
      long count,
      Map<String, Object> facts,
      UnaryOperator<DataFrameWriter<Row>> how) {
    return refusing(
        () -> {
          boolean constraint = false;
          if (location.exists(spark)) {
            requireOurs(rows);
            Row detail = detail();
            compact(detail);
            constraint = renew(properties(detail));
            location.save(how.apply(writer(rows, facts)));
          } else {
            create(rows, facts);
          }
          return written(count, constraint);
        });
  }

  /**
   * Puts rows in the place of a part of a table, of which this job's kind has made other parts.
   *
   * @param condition that holds for the rows of the part, and for no others
   * @param partitions columns that are equal in all rows of a part
   * @param once empty for a commit that may be made again
   * @return the commit; empty if it was made before
   * @throws DataRefusedException if the table cannot take the rows
   */
  public Optional<DeltaCommit> replacePart(
      Dataset<Row> rows, String condition, List<String> partitions, Optional<Once> once) {
    return refusing(
        () -> {
          for (int tried = 1; ; tried++) {
            try {
              savePart(rows, condition, partitions, once);
              return own();
            } catch (DeltaConcurrentModificationException e) {
              if (tried == ATTEMPTS) {
                throw e;
              }
              LOG.info("Another job wrote {} at the same time; once more", location.text());
            }
          }
        });
  }

  private void savePart(
      Dataset<Row> rows, String condition, List<String> partitions, Optional<Once> once) {
    boolean exists = location.exists(spark);
    if (!exists) {
      location.requireRoom(spark);
    }
    DataFrameWriter<Row> writer =
        writer(rows, Map.of())
            .partitionBy(partitions.toArray(String[]::new))
            // also where the table is new, since another job may be making it at this moment
            .mode(SaveMode.Overwrite)
            .option("replaceWhere", condition);
    DataFrameWriter<Row> named = once.map(name -> once(writer, name)).orElse(writer);
    location.save(
        exists ? named.option("mergeSchema", true) : named.option(COLUMN_MAPPING, "name"));
  }

  /** Delta leaves a commit of this name out, unless the number is higher than before. */
  private static DataFrameWriter<Row> once(DataFrameWriter<Row> writer, Once once) {
    return writer
        .option("txnAppId", TRANSACTION + once.name())
        .option("txnVersion", once.attempt());
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
            .tableProperty(COLUMN_MAPPING, "name");
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
          "The {} small files of {} stay as they are: {}",
          files,
          location.text(),
          DataRefusedException.firstLine(e));
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

  /** A text as SQL writes it. */
  public static String literal(String text) {
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
          DataRefusedException.firstLine(e));
    }
  }

  private interface Work<T> {
    T perform() throws Exception;
  }

  private <T> T refusing(Work<T> work) {
    try {
      return work.perform();
    } catch (Exception e) {
      // a checked exception that Spark's Scala does not declare
      if (e instanceof AnalysisException) {
        throw notForRows(location, author.settings(), e);
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

  public static DataRefusedException notForRows(
      DeltaLocation location, String settings, Exception e) {
    return new DataRefusedException(
        "The table %s cannot take the rows: %s. Something else is there, it was made for another data set, or its name has to stand in backticks; give this one tables of its own (%s)."
            .formatted(location.text(), DataRefusedException.firstLine(e), settings),
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
    boolean ours = history.stream().anyMatch(commit -> commit.fact(INGEST).isPresent());
    List<String> columns = List.of(location.rows(spark).columns());
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
    DeltaCommit commit = own().orElseThrow(() -> anotherJob(null));
    long output = commit.newRows().orElse(count);
    if (output != count) {
      throw new IllegalStateException(
          "Version %d of %s has %s new rows, and %d were read: the source was changed while a lost executor's part of it was read again. Restore version %d (RESTORE TABLE), and run the job with data.mode=replace when the source rests."
              .formatted(commit.version(), location.text(), output, count, commit.version() - 1));
    }
    if (constraint) {
      addConstraint();
    }
    return new TableVersion(location.text(), commit.version());
  }

  private Optional<DeltaCommit> own() {
    return DeltaCommit.latest(location, spark, HISTORY).stream()
        .filter(commit -> commit.fact(author.kind()).equals(Optional.of(author.id())))
        .findFirst();
  }

  private String metadata(Map<String, Object> facts) {
    Map<String, Object> all = new LinkedHashMap<>(facts);
    all.put(author.kind(), author.id());
    try {
      return JSON.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Commit facts that JSON cannot hold: " + all, e);
    }
  }
}
