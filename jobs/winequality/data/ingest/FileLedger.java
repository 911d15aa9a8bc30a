package winequality.data.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.DataRefusedException;
import winequality.data.csv.CsvFile;
import winequality.data.table.DeltaCommit;
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableWriter;

/**
 * Which files are in a table.
 *
 * <p>The commits of the table are authoritative: each adds rows and names their files in one atomic
 * step. The ledger is a Delta table that sums up the commits until a version, so only later ones
 * are read, and files stay known when Delta cleans up its history. A job that dies between the
 * table's commit and the ledger's loses nothing: the next job reads that commit.
 *
 * <p>A restore changes which files are in the table but does not name them. After a restore that is
 * newer than the ledger, the files are unknown until the next replace.
 */
final class FileLedger {

  private static final Logger LOG = LoggerFactory.getLogger(FileLedger.class);

  /** Release 1.0.0 wrote one column more, which is neither read nor filled. */
  private static final StructType SCHEMA =
      StructType.fromDDL(
          "`table` STRING, table_id STRING, as_of_version BIGINT, base_version BIGINT, path STRING,"
              + " length BIGINT, modified BIGINT, content STRING, accepted BIGINT,"
              + " quarantined BIGINT, table_version BIGINT");

  /**
   * What is in the table.
   *
   * @param version the last version of the table whose commit was read
   * @param base the last version that changed which files are in the table; −1 for a new table
   * @param taken the files; a path occurs twice if its file was overwritten by a copy of another
   */
  record State(long version, long base, List<TakenFile> taken) {

    private static final State EMPTY = new State(-1, -1, List.of());

    boolean has(CsvFile file) {
      return taken.stream().anyMatch(one -> one.file().equals(file));
    }

    Optional<TakenFile> withContent(String content) {
      return taken.stream().filter(one -> one.content().equals(content)).findFirst();
    }

    /** The file of a path, if it had rows. */
    Optional<TakenFile> withPath(String path) {
      return taken.stream()
          .filter(one -> one.file().path().equals(path) && one.accepted() + one.quarantined() > 0)
          .findFirst();
    }
  }

  private final SparkSession spark;
  private final DeltaLocation table;
  private final DeltaLocation ledger;

  FileLedger(SparkSession spark, DeltaLocation table, DeltaLocation ledger) {
    this.spark = spark;
    this.table = table;
    this.ledger = ledger;
  }

  /**
   * Which files are in the table now.
   *
   * @throws DataRefusedException if neither the ledger nor the commits know
   */
  State state() {
    try {
      return table.exists(spark) ? since(kept()) : State.EMPTY;
    } catch (Exception e) {
      // a checked exception that Spark's Scala does not declare
      if (e instanceof AnalysisException) {
        throw TableWriter.notForRows(table, "data.table, data.quarantine-table", e);
      }
      throw e;
    }
  }

  /** Adds the commits since a state; those before a replace do not count. */
  private State since(State before) {
    long current = table.newest(spark).version();
    if (current <= before.version()) {
      return before;
    }
    List<TakenFile> taken = new ArrayList<>();
    long base = before.base();
    long oldest = current + 1;
    for (DeltaCommit commit :
        DeltaCommit.latest(table, spark, Math.toIntExact(current - before.version()))) {
      oldest = commit.version();
      if (commit.operation().equals("RESTORE")) {
        throw unknown("version " + oldest + " restored an older one");
      }
      base = Math.max(base, commit.fact("mode").isPresent() ? oldest : -1);
      taken.addAll(taken(commit));
      if (commit.fact("mode").equals(Optional.of("replace"))) {
        return new State(current, base, taken);
      }
    }
    if (oldest > before.version() + 1) {
      throw unknown("Delta has cleaned up the history before version " + oldest);
    }
    taken.addAll(before.taken());
    return new State(current, base, taken);
  }

  /** The files that a commit names; none for maintenance or another writer's commit. */
  static List<TakenFile> taken(DeltaCommit commit) {
    List<TakenFile> taken = new ArrayList<>();
    commit.facts().path("files").forEach(file -> taken.add(TakenFile.of(file, commit.version())));
    return taken;
  }

  private DataRefusedException unknown(String why) {
    return new DataRefusedException(
        "It is no longer known which files are in the table %s: %s, and the ledger %s is older. Nothing was added. Run the job once with data.mode=replace and all files that the table should have; then append works again."
            .formatted(table.text(), why, ledger.text()));
  }

  /** Whether there is a ledger, of this table or of others. */
  boolean exists() {
    return ledger.exists(spark);
  }

  private State kept() {
    if (!ledger.exists(spark)) {
      return State.EMPTY;
    }
    Dataset<Row> ours = ledger.rows(spark).filter(col("table_id").equalTo(lit(table.id(spark))));
    // a state is one commit, so all of its rows have the same versions
    List<Row> rows = ours.collectAsList();
    return rows.isEmpty()
        ? State.EMPTY
        : new State(
            rows.get(0).<Long>getAs("as_of_version"),
            rows.get(0).<Long>getAs("base_version"),
            rows.stream().map(TakenFile::of).toList());
  }

  /**
   * Updates the ledger from a state to now. A failure is only a warning, because the next job reads
   * the commits.
   *
   * @param places other paths and times of files that are in the table
   */
  void update(State before, List<TakenFile> places) {
    try {
      State now = since(before);
      List<TakenFile> taken = new ArrayList<>(now.taken());
      for (TakenFile place : places) {
        taken.removeIf(place::hasPathAndContentOf);
        taken.add(place);
      }
      write(new State(now.version(), now.base(), taken));
    } catch (Exception e) {
      // also checked exceptions, which Spark's Scala does not declare
      LOG.warn(
          "The ledger {} of the table {} could not be updated ({}); the next job reads the table's commits instead",
          ledger.text(),
          table.text(),
          DataRefusedException.firstLine(e));
    }
  }

  /** Writes a state; needed if it follows from no commit of the table. */
  void write(State state) {
    String id = table.id(spark);
    List<Row> rows =
        state.taken().stream()
            .map(
                taken ->
                    RowFactory.create(
                        table.text(),
                        id,
                        state.version(),
                        state.base(),
                        taken.file().path(),
                        taken.file().length(),
                        taken.file().modified(),
                        taken.content(),
                        taken.accepted(),
                        taken.quarantined(),
                        taken.version()))
            .toList();
    ledger.requireRoom(spark);
    // all rows in one file, however many jobs there were
    ledger.save(
        spark
            .createDataFrame(rows, SCHEMA)
            .coalesce(1)
            .write()
            .format("delta")
            .mode(SaveMode.Overwrite)
            .option("replaceWhere", "table_id = '" + id + "'"));
  }
}
