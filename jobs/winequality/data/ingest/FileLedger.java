package winequality.data.ingest;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
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
 * table's commit and the ledger's loses nothing: the next job reads that commit. A restore does not
 * name files: after one that is newer than the ledger, they are unknown until the next replace.
 */
record FileLedger(SparkSession spark, DeltaLocation table, DeltaLocation ledger) {

  private static final Logger LOG = LoggerFactory.getLogger(FileLedger.class);

  /** Release 1.0.0 wrote one column more, which is neither read nor filled. */
  private static final StructType SCHEMA =
      StructType.fromDDL(
          "`table` STRING, table_id STRING, as_of_version BIGINT, base_version BIGINT, path STRING,"
              + " length BIGINT, modified BIGINT, content STRING, accepted BIGINT,"
              + " quarantined BIGINT, table_version BIGINT");

  /**
   * A file that was ingested, or that has the same content as one that was.
   *
   * @param content {@link winequality.data.csv.FileTally#content()}
   * @param version of the table that added the rows
   */
  record TakenFile(CsvFile file, String content, long accepted, long quarantined, long version) {

    /** The same content at another path or with another time. */
    TakenFile at(CsvFile place) {
      return new TakenFile(place, content, accepted, quarantined, version);
    }

    boolean hasRows() {
      return accepted + quarantined > 0;
    }

    /** Equal if two differ in time and length at most. */
    String pathAndContent() {
      return file.path() + "\n" + content;
    }

    /** For the commit that adds the file; in the order of the ledger's columns. */
    Map<String, Object> facts() {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("path", file.path());
      facts.put("length", file.length());
      facts.put("modified", file.modified());
      facts.put("content", content);
      facts.put("accepted", accepted);
      facts.put("quarantined", quarantined);
      return facts;
    }
  }

  /**
   * What is in the table.
   *
   * @param version the last version of the table whose commit was read
   * @param base the last version that changed which files are in the table; −1 for a new table
   * @param taken the files; a path occurs twice if its file was overwritten by a copy of another
   */
  record State(long version, long base, List<TakenFile> taken) {

    private static final State EMPTY = new State(-1, -1, List.of());

    /** Rows that the files brought; at most, as a file that was ingested twice counts once. */
    long rows() {
      return taken.stream()
          .collect(
              Collectors.toMap(
                  file -> file.version() + "\n" + file.content(),
                  TakenFile::accepted,
                  (one, same) -> one))
          .values()
          .stream()
          .mapToLong(Long::longValue)
          .sum();
    }

    Optional<TakenFile> first(Predicate<TakenFile> wanted) {
      return taken.stream().filter(wanted).findFirst();
    }
  }

  /** The current state; refused if neither the ledger nor the commits know. */
  State state() {
    try {
      return table.exists(spark) ? since(kept()) : State.EMPTY;
    } catch (Exception e) {
      TableWriter.refuseUnfitting(table, TableWriter.INGEST_TABLES, e);
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
    Iterator<DeltaCommit> commits =
        table.commits(spark, current, Math.toIntExact(current - before.version())).iterator();
    while (commits.hasNext()) {
      DeltaCommit commit = commits.next();
      oldest = commit.version();
      if (commit.operation().equals("RESTORE")) {
        throw unknown("version " + oldest + " restored an older one");
      }
      base = Math.max(base, commit.fact("mode").isPresent() ? oldest : -1);
      if (commit.fact("mode").isEmpty() && !commit.leavesRows()) {
        LOG.warn(
            "Version {} of {} was not made by an ingest but by {}, so the table may no longer have the rows of its files",
            oldest,
            table.text(),
            commit.operation());
      }
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
    for (JsonNode facts : commit.facts().path("files")) {
      taken.add(
          taken(
              name -> facts.get(name).asText(),
              name -> facts.get(name).asLong(),
              commit.version()));
    }
    return taken;
  }

  private DataRefusedException unknown(String why) {
    return new DataRefusedException(
        "It is no longer known which files are in the table %s: %s, and the ledger %s is older. Nothing was added. Run the job once with data.mode=replace and all files that the table should have; then append works again."
            .formatted(table.text(), why, ledger.text()));
  }

  boolean exists() {
    return ledger.exists(spark);
  }

  private State kept() {
    List<Row> rows =
        exists()
            ? ledger.rows(spark).filter(col("table_id").equalTo(table.id(spark))).collectAsList()
            : List.of();
    if (rows.isEmpty()) {
      return State.EMPTY;
    }
    // a state is one commit, so all of its rows have the same versions
    long version = rows.get(0).<Long>getAs("as_of_version");
    long base = rows.get(0).<Long>getAs("base_version");
    return new State(
        version,
        base,
        rows.stream()
            .map(row -> taken(row::getAs, row::<Long>getAs, row.<Long>getAs("table_version")))
            .toList());
  }

  /** Reads what {@link TakenFile#facts} wrote into a commit or into the ledger. */
  private static TakenFile taken(
      Function<String, String> text, ToLongFunction<String> number, long version) {
    return new TakenFile(
        new CsvFile(
            text.apply("path"), number.applyAsLong("length"), number.applyAsLong("modified")),
        text.apply("content"),
        number.applyAsLong("accepted"),
        number.applyAsLong("quarantined"),
        version);
  }

  /**
   * Updates the ledger from a state to now, with other paths and times of files that are in the
   * table. A failure is only a warning, because the next job reads the commits.
   */
  void update(State before, List<TakenFile> places) {
    try {
      State now = since(before);
      List<TakenFile> taken = new ArrayList<>(now.taken());
      for (TakenFile place : places) {
        taken.removeIf(one -> one.pathAndContent().equals(place.pathAndContent()));
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

  /** Overwrites the ledger; called alone if no commit of the table gives the state. */
  void write(State state) {
    String id = table.id(spark);
    List<Row> rows = new ArrayList<>();
    for (TakenFile file : state.taken()) {
      List<Object> row = new ArrayList<>(List.of(table.text(), id, state.version(), state.base()));
      row.addAll(file.facts().values());
      row.add(file.version());
      rows.add(RowFactory.create(row.toArray()));
    }
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
