package winequality.data.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.exceptions.DeltaConcurrentModificationException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.DataFrameWriterV2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.DataRefusedException;

/**
 * Writes rows into a Delta table in one commit, which describes itself in {@code userMetadata}.
 *
 * <p>An ingest replaces or adds rows; it only writes to a table that an ingest created with the
 * same columns. A scoring replaces its part of a table.
 */
public final class TableWriter {

  private static final Logger LOG = LoggerFactory.getLogger(TableWriter.class);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A table of so many files is compacted before rows are added, if the files are small. */
  private static final long MANY_FILES = 50;

  /** Average size in bytes. */
  private static final long SMALL_FILE = 32L << 20;

  /** Column names of the CSV files have spaces, which Parquet does not allow. */
  private static final String COLUMN_MAPPING = "delta.columnMapping.mode";

  /** Prefix of the names of Delta transactions: Delta skips a commit whose name it has seen. */
  private static final String TRANSACTION = "winequality:";

  /** Looks at the latest commits only: a table whose last ingest is older counts as foreign. */
  private static final int HISTORY = 100;

  private static final String INGEST = "ingest";

  /** The fact of an ingest's commit that names its data set. */
  public static final String DATASET = "dataset";

  public static final String INGEST_TABLES = "data.table, data.quarantine-table";

  private static final int ATTEMPTS = 3;

  private final SparkSession spark;
  private final Author author;
  private final DeltaLocation location;
  private final Map<String, String> properties;

  /**
   * @param properties of the table, set when an ingest creates it
   */
  public TableWriter(
      SparkSession spark, Author author, DeltaLocation location, Map<String, String> properties) {
    this.spark = spark;
    this.author = author;
    this.location = location;
    this.properties = properties;
  }

  /**
   * Who writes.
   *
   * @param kind of job; the key of the id, which is unique for the job, in its commits
   * @param settings the keys of its tables, for messages
   */
  public record Author(String kind, String id, String settings) {}

  /** Names a commit that is made once, unless it is repeated with a higher attempt. */
  public record Once(String name, long attempt) {}

  public static Author ingest(String id) {
    return new Author(INGEST, id, INGEST_TABLES);
  }

  /**
   * Makes the table hold exactly these rows; makes no commit if it already does.
   *
   * @param fingerprint differs for different rows
   * @param held receives the commit that brought the rows, if the table already has them
   * @param facts what else the commit says about itself
   * @throws DataRefusedException if the location has something else or other columns
   */
  public TableVersion replace(
      Dataset<Row> rows,
      long count,
      String fingerprint,
      Consumer<DeltaCommit> held,
      Map<String, Object> facts) {
    Map<String, Object> all = new LinkedHashMap<>(facts);
    all.put("fingerprint", fingerprint);
    Callable<TableVersion> write =
        () -> {
          if (!location.exists(spark)) {
            return created(rows, count, all);
          }
          requireOurs(rows);
          TableVersion newest = location.newestVersion(spark);
          Optional<DeltaCommit> commit = holding(newest, fingerprint);
          if (commit.isPresent()) {
            held.accept(commit.get());
            return newest;
          }
          // the columns are the same; their comments may differ
          return changed(
              location.detail(spark),
              count,
              writer(rows, all).mode(SaveMode.Overwrite).option("overwriteSchema", true));
        };
    return refusing(() -> repeated(write));
  }

  /**
   * Checks that the rows can be written here.
   *
   * @throws DataRefusedException if the location has something else or other columns
   */
  public void requireFit(Dataset<Row> rows) {
    refusing(
        () -> {
          if (location.exists(spark)) {
            requireOurs(rows);
          }
          return location;
        });
  }

  /** Repeats a write that starts from the table as it is then, if another job was faster. */
  private <T> T repeated(Callable<T> write) throws Exception {
    for (int tried = 1; ; tried++) {
      try {
        return write.call();
      } catch (DeltaConcurrentModificationException | OvertakenException e) {
        if (tried == ATTEMPTS) {
          throw e;
        }
        LOG.info("Another job wrote {} at the same time; trying again", location.text());
      }
    }
  }

  /** Another job created the table while this one did. */
  private static final class OvertakenException extends IllegalStateException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Adds rows.
   *
   * @param once a name for the state that the caller starts from: of several writers that start
   *     from the same state, one adds its rows and the others fail
   * @throws DataRefusedException if the location has something else or other columns, or another
   *     writer was faster
   */
  public TableVersion append(
      Dataset<Row> rows, long count, String once, Map<String, Object> facts) {
    return put(
        rows, count, facts, once(writer(rows, facts), new Once(once, 1)).mode(SaveMode.Append));
  }

  /** Replaces the rows that meet a condition, which all new rows meet too. */
  public TableVersion replaceWhere(
      Dataset<Row> rows, long count, String condition, Map<String, Object> facts) {
    return put(
        rows,
        count,
        facts,
        writer(rows, facts).mode(SaveMode.Overwrite).option("replaceWhere", condition));
  }

  private TableVersion put(
      Dataset<Row> rows, long count, Map<String, Object> facts, DataFrameWriter<Row> writer) {
    return refusing(
        () -> {
          if (!location.exists(spark)) {
            return created(rows, count, facts);
          }
          requireOurs(rows);
          DeltaLocation.Detail detail = location.detail(spark);
          compact(detail);
          return changed(detail, count, writer);
        });
  }

  /**
   * Replaces one part of a table whose other parts come from jobs of the same kind.
   *
   * @param rows asked for again for each attempt
   * @param condition true for the rows of the part and no others
   * @param partitions columns that are equal in all rows of a part
   * @param once empty for a commit that may be repeated
   * @return the commit; empty if it was made before
   */
  public Optional<DeltaCommit> replacePart(
      Supplier<Dataset<Row>> rows, String condition, List<String> partitions, Optional<Once> once) {
    Callable<Optional<DeltaCommit>> write =
        () -> {
          savePart(rows.get(), condition, partitions, once);
          return own();
        };
    try {
      return repeated(write);
    } catch (DeltaConcurrentModificationException e) {
      throw new IllegalStateException(
          "Other jobs wrote %s at the same time, %d times in a row. Nothing was written; run the job again."
              .formatted(location.text(), ATTEMPTS),
          e);
    } catch (Exception e) {
      refuseUnfitting(location, author.settings(), e);
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  private void savePart(
      Dataset<Row> rows, String condition, List<String> partitions, Optional<Once> once) {
    DataFrameWriter<Row> writer =
        writer(rows, Map.of())
            .partitionBy(partitions.toArray(String[]::new))
            // also for a new table, because another job may be creating it right now
            .mode(SaveMode.Overwrite)
            .option("replaceWhere", condition);
    once.ifPresent(name -> once(writer, name));
    if (location.exists(spark)) {
      location.save(writer.option("mergeSchema", true));
    } else {
      location.requireRoom(spark);
      location.save(writer.option(COLUMN_MAPPING, "name"));
    }
  }

  /** Makes Delta skip the commit if one of this name has the same or a higher attempt. */
  private static DataFrameWriter<Row> once(DataFrameWriter<Row> writer, Once once) {
    return writer
        .option("txnAppId", TRANSACTION + once.name())
        .option("txnVersion", once.attempt());
  }

  private DataFrameWriter<Row> writer(Dataset<Row> rows, Map<String, Object> facts) {
    return rows.write().format("delta").option("userMetadata", metadata(facts));
  }

  /**
   * Creates the table with its rows in one commit. Of two writers that find no table, one creates
   * it: the other's transaction has the same name, so Delta skips it.
   */
  private TableVersion created(Dataset<Row> rows, long count, Map<String, Object> facts) {
    location.requireRoom(spark);
    DataFrameWriterV2<Row> writer =
        // only this API of Spark sets custom properties in the commit of the rows
        rows.writeTo(location.sql())
            .using("delta")
            .option("userMetadata", metadata(facts))
            .option("txnAppId", TRANSACTION + "new")
            .option("txnVersion", "1")
            .tableProperty(COLUMN_MAPPING, "name");
    properties.forEach(writer::tableProperty);
    // "create" would drop the commit's userMetadata
    writer.createOrReplace();
    return written(count);
  }

  private TableVersion changed(
      DeltaLocation.Detail detail, long count, DataFrameWriter<Row> writer) {
    Map<String, String> current = detail.properties();
    // first: the newest version is to be the one with the rows
    renew(current);
    String wanted = properties.get(TableProperties.CONSTRAINT_KEY);
    String has = current.get(TableProperties.CONSTRAINT_KEY);
    boolean sameConstraint = Objects.equals(wanted, has);
    if (!sameConstraint && has != null) {
      alter("DROP CONSTRAINT " + TableProperties.CONSTRAINT);
    }
    location.save(writer);
    TableVersion version = written(count);
    if (!sameConstraint && wanted != null) {
      addConstraint();
    }
    return version;
  }

  /** Nightly appends leave many small files, which every training would have to open. */
  private void compact(DeltaLocation.Detail detail) {
    if (detail.files() < MANY_FILES || detail.bytes() / detail.files() > SMALL_FILE) {
      return;
    }
    try {
      location.open(spark).optimize().executeCompaction();
    } catch (Exception e) {
      LOG.warn(
          "The {} small files of {} could not be compacted: {}",
          detail.files(),
          location.text(),
          DataRefusedException.firstLine(e));
    }
  }

  /** Updates properties that an earlier release wrote, or for another description. */
  private void renew(Map<String, String> current) {
    Map<String, String> own = TableProperties.own(properties);
    if (!current.entrySet().containsAll(own.entrySet())) {
      alter(
          own.entrySet().stream()
              .map(property -> literal(property.getKey()) + " = " + literal(property.getValue()))
              .collect(Collectors.joining(", ", "SET TBLPROPERTIES (", ")")));
    }
  }

  private void alter(String change) {
    spark.sql("ALTER TABLE %s %s".formatted(location.sql(), change));
  }

  public static String literal(String text) {
    // Spark would replace ${…} by a variable of the environment or a setting
    String quoted = text.replace("\\", "\\\\").replace("'", "\\'");
    return "'" + quoted.replace("${", "\\u0024{") + "'";
  }

  private void addConstraint() {
    try {
      alter(
          "ADD CONSTRAINT %s CHECK (%s)"
              .formatted(
                  TableProperties.CONSTRAINT, properties.get(TableProperties.CONSTRAINT_KEY)));
    } catch (Exception e) {
      LOG.warn(
          "{} has no CHECK constraint: {}. If earlier rows are outside the ranges in dataset.columns, take everything in again with data.mode=replace; if the job does not own the table, let its owner add it.",
          location.text(),
          DataRefusedException.firstLine(e));
    }
  }

  private <T> T refusing(Callable<T> write) {
    try {
      return write.call();
    } catch (DataRefusedException e) {
      throw e;
    } catch (Exception e) {
      refuseUnfitting(location, author.settings(), e);
      if (e instanceof DeltaConcurrentModificationException || e instanceof OvertakenException) {
        throw anotherJob(e);
      }
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof IOException) {
          throw new IllegalStateException(
              "The rows could not be written into %s (%s: %s). Nothing was committed, so the table is unchanged. Free disk space or correct the rights, and run the job again; VACUUM removes what the attempt left."
                  .formatted(location.text(), cause.getClass().getSimpleName(), cause.getMessage()),
              e);
        }
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  /** Refuses the table if Spark's analysis failed, which Scala throws as a checked exception. */
  public static void refuseUnfitting(DeltaLocation location, String settings, Exception e) {
    if (e instanceof AnalysisException) {
      throw new DataRefusedException(
          "The table %s cannot take the rows: %s. Something else is there, it was made for another data set, or its name needs backticks; give this data set its own tables (%s)."
              .formatted(location.text(), DataRefusedException.firstLine(e), settings),
          e);
    }
  }

  private DataRefusedException anotherJob(Exception cause) {
    return new DataRefusedException(
        "Another job has written %s since this one read which files are in it. Nothing was added; run the job again. If no other job runs, the folder still has the files of a dropped table: remove them."
            .formatted(location.text()),
        cause);
  }

  /** Refuses a table that was not last written by an ingest of the data set and its columns. */
  private void requireOurs(Dataset<Row> rows) {
    StructType has = location.schema(spark);
    Optional<DeltaCommit> ingest =
        latest().filter(commit -> commit.fact(INGEST).isPresent()).findFirst();
    // all tables of refused rows have the same columns
    String dataset = properties.getOrDefault(TableProperties.DATASET, "");
    String owner = ingest.flatMap(commit -> commit.fact(DATASET)).orElse(dataset);
    boolean others = !owner.equals(dataset);
    String differs =
        ingest.isEmpty()
            ? "none of its latest %d commits is an ingest's".formatted(latest().count())
            : others
                ? "it belongs to the data set \"%s\"".formatted(owner)
                : !List.of(has.fieldNames()).equals(List.of(rows.columns()))
                    ? "it has the columns %s, and %s are wanted"
                        .formatted(List.of(has.fieldNames()), List.of(rows.columns()))
                    : typesDiffering(has, rows.schema());
    if (!differs.isEmpty()) {
      throw new DataRefusedException(
          "The table %s was not made by an ingest of this data set (%s), and is not overwritten. Give this data set its own tables (data.table, data.quarantine-table), or %s."
              .formatted(
                  location.text(),
                  differs,
                  others
                      ? "keep dataset.name = \"%s\" if only the name is new".formatted(owner)
                      : "drop that one"));
    }
  }

  private static String typesDiffering(StructType has, StructType wanted) {
    return Stream.of(wanted.fields())
        .filter(field -> !has.apply(field.name()).dataType().equals(field.dataType()))
        .map(
            field ->
                "its column %s is %s, and %s is wanted"
                    .formatted(
                        field.name(),
                        has.apply(field.name()).dataType().simpleString(),
                        field.dataType().simpleString()))
        .collect(Collectors.joining("; "));
  }

  /**
   * The last commit that changed rows, if it has the fingerprint. An older version with the same
   * rows does not count: its files may be gone after OPTIMIZE and VACUUM.
   */
  private Optional<DeltaCommit> holding(TableVersion newest, String fingerprint) {
    return location
        .commits(spark, newest.version(), HISTORY)
        .filter(commit -> !commit.leavesRows())
        .findFirst()
        .filter(commit -> commit.fact("fingerprint").equals(Optional.of(fingerprint)));
  }

  /** The version of this job's commit, after checking how many rows Delta counted in it. */
  private TableVersion written(long count) {
    DeltaCommit commit = own().orElseThrow(OvertakenException::new);
    long output = commit.newRows().orElse(count);
    if (output != count) {
      throw new IllegalStateException(
          "Version %d of %s has %s new rows, but %d were read: the source was changed while a lost executor's part of it was read again. Restore version %d (RESTORE TABLE), and run the job with data.mode=replace when nothing writes to the source."
              .formatted(commit.version(), location.text(), output, count, commit.version() - 1));
    }
    return new TableVersion(location.text(), commit.version());
  }

  private Stream<DeltaCommit> latest() {
    return location.commits(spark, location.newest(spark).version(), HISTORY);
  }

  private Optional<DeltaCommit> own() {
    return latest()
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
