package winequality.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which files are in a table.
 *
 * <p>What counts is the table's own commits: each names the files that it took, in the same atomic
 * step as their rows. The ledger is a Delta table that holds the sum of the commits up to a
 * version, so that only later ones have to be looked at, and so that files stay known when Delta
 * cleans its history up. A job that dies between the table's commit and the ledger's loses nothing:
 * the next one finds the commit behind the ledger's version.
 */
final class FileLedger {

  private static final Logger LOG = LoggerFactory.getLogger(FileLedger.class);

  private static final String RESTORE = "RESTORE";

  /** Came later than the other columns; a ledger of an earlier release has it not. */
  private static final String ACCEPTED_ROWS = "accepted_rows";

  private static final StructType SCHEMA =
      new StructType()
          .add("table", DataTypes.StringType)
          .add("table_id", DataTypes.StringType)
          .add("as_of_version", DataTypes.LongType)
          .add("base_version", DataTypes.LongType)
          .add("path", DataTypes.StringType)
          .add("length", DataTypes.LongType)
          .add("modified", DataTypes.LongType)
          .add("content", DataTypes.StringType)
          .add("accepted", DataTypes.LongType)
          .add("quarantined", DataTypes.LongType)
          .add("table_version", DataTypes.LongType)
          .add(ACCEPTED_ROWS, DataTypes.StringType);

  /**
   * A file whose rows are in the table, or are those of another one that is.
   *
   * @param content equal for files with the same lines
   * @param acceptedRows equal for the same accepted rows; empty if an earlier release took it
   * @param version of the table that took it
   */
  record Taken(
      CsvFile file,
      String content,
      long accepted,
      String acceptedRows,
      long quarantined,
      long version) {

    /** Whether it has refused rows, and it is known which ones were accepted beside them. */
    boolean mayBeMended() {
      return quarantined > 0 && !acceptedRows.isEmpty();
    }

    /** As a commit says it. */
    Map<String, Object> facts() {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("path", file.path());
      facts.put("length", file.length());
      facts.put("modified", file.modified());
      facts.put("content", content);
      facts.put("accepted", accepted);
      facts.put(ACCEPTED_ROWS, acceptedRows);
      facts.put("quarantined", quarantined);
      return facts;
    }

    private static Taken of(JsonNode facts, long version) {
      return new Taken(
          new CsvFile(
              facts.get("path").asText(),
              facts.get("length").asLong(),
              facts.get("modified").asLong()),
          facts.get("content").asText(),
          facts.get("accepted").asLong(),
          facts.path(ACCEPTED_ROWS).asText(""),
          facts.get("quarantined").asLong(),
          version);
    }
  }

  /**
   * What is in the table.
   *
   * @param version of the table up to which the commits were looked at
   * @param base the last commit that changed which files are in it; −1 for a new table
   * @param taken each once; a path stands there more than once if its file was overwritten by a
   *     copy of another one
   */
  record State(long version, long base, List<Taken> taken) {

    static State empty() {
      return new State(-1, -1, List.of());
    }

    Optional<Taken> withContent(String content) {
      return taken.stream().filter(one -> one.content().equals(content)).findFirst();
    }

    boolean has(CsvFile file) {
      return taken.stream().anyMatch(one -> one.file().equals(file));
    }

    /** What of a path was taken last, if it has rows in the table. */
    Optional<Taken> rowsOf(String path) {
      return taken.stream()
          .filter(one -> one.file().path().equals(path) && one.accepted() > 0)
          .reduce((one, later) -> later);
    }

    /**
     * With more files. An earlier content of the same path stays, as its rows do; one without rows
     * goes, and so does the note of the same content with another time.
     */
    State with(long newVersion, List<Taken> more) {
      List<Taken> all = new ArrayList<>(taken);
      for (Taken one : more) {
        all.removeIf(
            other ->
                other.file().path().equals(one.file().path())
                    && (other.accepted() == 0 || other.content().equals(one.content())));
        all.add(one);
      }
      return new State(newVersion, newVersion, List.copyOf(all));
    }

    /** With more places of files whose rows are in the table already. */
    State noting(List<Taken> more) {
      return new State(version, base, with(version, more).taken());
    }

    State at(long newVersion) {
      return new State(newVersion, base, taken);
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
   * @throws DataRefusedException if that can no longer be told
   */
  State state() {
    try {
      return table.exists(spark) ? ofExisting() : State.empty();
    } catch (Exception e) {
      // a checked exception that Spark's Scala does not declare
      if (e instanceof AnalysisException) {
        throw TableWriter.notForRows(table, e);
      }
      throw e;
    }
  }

  private State ofExisting() {
    State kept = kept();
    long current = DeltaCommit.latest(table, spark, 1).get(0).version();
    int later = Math.toIntExact(current - kept.version());
    if (later <= 0) {
      return kept;
    }
    List<DeltaCommit> commits = sinceLastReplace(commits(later));
    // a version from before the ledger's: what was in the table then, its commits alone can say
    boolean replayed =
        commits.stream().anyMatch(commit -> restored(commit).orElse(current) < kept.version());
    if (replayed) {
      commits = commits(Math.toIntExact(current + 1));
    }
    State state = replayed ? State.empty() : kept;
    boolean complete =
        commits.get(0).version() == state.version() + 1
            || commits.get(0).fact("mode").equals(Optional.of("replace"));
    if (!complete) {
      throw unknown("Delta has cleaned up the history before version " + commits.get(0).version());
    }
    Map<Long, State> states = new HashMap<>(Map.of(state.version(), state));
    for (DeltaCommit commit : commits) {
      state = after(state, commit, states);
      states.put(commit.version(), state);
      if (replayed
          && commit.version() == kept.version()
          && !contents(state).equals(contents(kept))) {
        throw unknown("the commits say other files for version " + kept.version());
      }
    }
    return state.at(current);
  }

  /** The latest commits, oldest first. */
  private List<DeltaCommit> commits(int latest) {
    List<DeltaCommit> commits = new ArrayList<>(DeltaCommit.latest(table, spark, latest));
    Collections.reverse(commits);
    return commits;
  }

  /** What lies before a replace does not matter, unless a later commit goes back behind it. */
  private static List<DeltaCommit> sinceLastReplace(List<DeltaCommit> commits) {
    for (int i = commits.size() - 1; i >= 0; i--) {
      if (commits.get(i).operation().equals(RESTORE)) {
        return commits;
      }
      if (commits.get(i).fact("mode").equals(Optional.of("replace"))) {
        return commits.subList(i, commits.size());
      }
    }
    return commits;
  }

  private static Set<String> contents(State state) {
    return state.taken().stream().map(Taken::content).collect(Collectors.toSet());
  }

  /** The version that a commit restores, if it restores one. */
  private static Optional<Long> restored(DeltaCommit commit) {
    String to = commit.parameters().get("version");
    return commit.operation().equals(RESTORE) && to != null && !to.equals("null")
        ? Optional.of(Long.parseLong(to))
        : Optional.empty();
  }

  private State after(State before, DeltaCommit commit, Map<Long, State> states) {
    Optional<String> mode = commit.fact("mode");
    if (commit.operation().equals(RESTORE)) {
      State then =
          restored(commit)
              .map(states::get)
              .orElseThrow(
                  () ->
                      unknown(
                          "version "
                              + commit.version()
                              + " restores the table to a point in time, or to one before its history"));
      return new State(commit.version(), commit.version(), then.taken());
    }
    if (mode.isEmpty()) {
      if (commit.fact("ingest").isPresent()) {
        throw unknown("version " + commit.version() + " does not say which files it took");
      }
      return before; // OPTIMIZE, ALTER TABLE, or somebody's own change of rows
    }
    State from = mode.get().equals("replace") ? State.empty() : before;
    return from.with(commit.version(), taken(commit));
  }

  /** The files that a commit names. */
  static List<Taken> taken(DeltaCommit commit) {
    List<Taken> taken = new ArrayList<>();
    commit.facts().path("files").forEach(file -> taken.add(Taken.of(file, commit.version())));
    return taken;
  }

  private DataRefusedException unknown(String why) {
    return new DataRefusedException(
        "Which files are in the table %s can no longer be told: %s, and %s does not say it. Nothing was added. Take everything in once with data.mode=replace, then go on with append."
            .formatted(table.text(), why, ledger.text()));
  }

  /** Whether there is a ledger, of this table or of others. */
  boolean exists() {
    return ledger.exists(spark);
  }

  private State kept() {
    if (!ledger.exists(spark)) {
      return State.empty();
    }
    List<Taken> taken = new ArrayList<>();
    long version = -1;
    long base = -1;
    for (Row row : ours().collectAsList()) {
      version = Math.max(version, row.<Long>getAs("as_of_version"));
      base = Math.max(base, row.<Long>getAs("base_version"));
      CsvFile file =
          new CsvFile(
              row.<String>getAs("path"), row.<Long>getAs("length"), row.<Long>getAs("modified"));
      taken.add(
          new Taken(
              file,
              row.<String>getAs("content"),
              row.<Long>getAs("accepted"),
              acceptedRows(row),
              row.<Long>getAs("quarantined"),
              row.<Long>getAs("table_version")));
    }
    return new State(version, base, taken);
  }

  private static String acceptedRows(Row row) {
    if (!List.of(row.schema().fieldNames()).contains(ACCEPTED_ROWS)) {
      return "";
    }
    String text = row.<String>getAs(ACCEPTED_ROWS);
    return text == null ? "" : text;
  }

  private Dataset<Row> ours() {
    return ledger.open(spark).toDF().filter(col("table_id").equalTo(lit(table.id(spark))));
  }

  /**
   * Keeps a state. What goes wrong with that is a warning: the next state comes from the commits.
   */
  void keep(State state) {
    try {
      write(state);
    } catch (Exception e) {
      // checked exceptions too, which Spark's Scala does not declare
      LOG.warn(
          "The files in {} are not noted in {} ({}); the next job will find them in the commits of the table",
          table.text(),
          ledger.text(),
          String.valueOf(e.getMessage()).lines().findFirst().orElse("no message"));
    }
  }

  /** Keeps a state that no commit of the table says. */
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
                        taken.version(),
                        taken.acceptedRows()))
            .toList();
    if (!ledger.exists(spark)) {
      ledger.requireRoom(spark);
    }
    // all rows anew: one file, however many nights there were
    ledger.save(
        spark
            .createDataFrame(rows, SCHEMA)
            .coalesce(1)
            .write()
            .format("delta")
            .mode(SaveMode.Overwrite)
            .option("mergeSchema", true)
            .option("replaceWhere", "table_id = '" + id + "'"));
  }
}
