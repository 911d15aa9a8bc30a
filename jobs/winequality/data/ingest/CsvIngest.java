package winequality.data.ingest;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.RowCounts;
import winequality.data.csv.CheckedSource;
import winequality.data.csv.CsvFile;
import winequality.data.csv.CsvSource;
import winequality.data.csv.FileTally;
import winequality.data.ingest.FileLedger.TakenFile;
import winequality.data.table.DeltaCommit;
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableVersion;
import winequality.data.table.TableWriter;

/**
 * Ingests a CSV source into two Delta tables, of accepted rows and of refused ones.
 *
 * <p>The source is read once. If it is refused as a whole, the accepted table does not change and
 * the quarantine table gets every bad row. A job that died can be run again in either mode: rows
 * that it has written are recognised or overwritten, never duplicated.
 */
public final class CsvIngest {

  private static final Logger LOG = LoggerFactory.getLogger(CsvIngest.class);

  private final SparkSession spark;
  private final DataSettings settings;
  private final IngestTables tables;

  /**
   * @param ingestId unique for this ingest; its commits carry it
   */
  public CsvIngest(
      SparkSession spark, DatasetDescription dataset, DataSettings settings, String ingestId) {
    this.spark = spark;
    this.settings = settings;
    this.tables = new IngestTables(spark, dataset, settings, ingestId);
  }

  /**
   * Ingests by the settings' mode.
   *
   * @throws DataRefusedException if the source cannot be read, lacks a column, has no rows, or has
   *     more bad rows than {@code data.max-quarantine-fraction} allows
   */
  public IngestedRows ingest(CsvSource source) {
    return settings.mode() == IngestMode.APPEND
        ? new IngestedRows(append(source), Optional.empty())
        : replace(source);
  }

  private IngestedRows replace(CsvSource source) {
    try (CheckedSource checked = CheckedSource.read(spark, source, CheckedSource.Keep.VALUES)) {
      FoundRows found = new FoundRows(checked.tallies());
      requireRows(found);
      Map<String, Object> facts = facts("replace", found);
      // refused rows first: whatever fails from here on, they are kept
      DeltaLocation location = tables.quarantine();
      Optional<TableVersion> quarantine = Optional.empty();
      if (found.counts().quarantined() > 0 || location.exists(spark)) {
        // but not in place of those of another data set
        tables.acceptedWriter().requireFit(checked.accepted(found.files()));
        quarantine =
            Optional.of(
                tables
                    .quarantineWriter()
                    .replace(
                        checked.refused(found.files()),
                        found.counts().quarantined(),
                        found.refusedFingerprint(),
                        commit -> {},
                        facts));
      }
      found.requireFew(settings, quarantine);
      Dataset<Row> accepted = checked.accepted(found.files());
      TableVersion table =
          tables
              .acceptedWriter()
              .replace(
                  accepted,
                  found.counts().accepted(),
                  tables.fingerprint(found.acceptedFingerprint()),
                  commit -> renamed(found, commit),
                  facts);
      return new IngestedRows(
          new IngestedTable(
              table, quarantine, Optional.of(found.counts()), found.byRule(), found.examples()),
          Optional.of(accepted).filter(rows -> checked.held()));
    }
  }

  /**
   * Records the files whose rows the table already has from other files: append needs to know them,
   * and no commit names them.
   */
  private void renamed(FoundRows found, DeltaCommit commit) {
    tables.requireFiles(tables.accepted().newestVersion(spark));
    List<TakenFile> now = found.taken(commit.version());
    FileLedger ledger = ledger();
    // the commit may name them, but a later ledger others
    if (ledger.exists() || !names(FileLedger.taken(commit)).equals(names(now))) {
      FileLedger.State state = ledger.state();
      if (!names(state.taken()).equals(names(now))) {
        ledger.write(new FileLedger.State(state.version(), state.version(), now));
      }
    }
  }

  private static Set<String> names(List<TakenFile> files) {
    return files.stream().map(TakenFile::pathAndContent).collect(Collectors.toSet());
  }

  private FileLedger ledger() {
    return new FileLedger(
        spark, tables.accepted(), DeltaLocation.resolved(settings.filesTable(), spark));
  }

  private IngestedTable append(CsvSource source) {
    DeltaLocation table = tables.accepted();
    FileLedger ledger = ledger();
    FileLedger.State state = ledger.state();
    warnOfLostRows(table, state);
    List<CsvFile> unseen =
        source.files().stream()
            .filter(file -> state.first(one -> one.file().equals(file)).isEmpty())
            .toList();
    if (unseen.isEmpty()) {
      LOG.info("The table has all {} files of {}", source.files().size(), source.text());
      return unchanged(table, state);
    }
    try (CheckedSource checked =
        CheckedSource.read(spark, source.with(unseen), CheckedSource.Keep.VALUES)) {
      Map<CsvFile, FileTally> fresh = new LinkedHashMap<>();
      List<TakenFile> known = new ArrayList<>();
      Set<String> contents = new HashSet<>();
      checked
          .tallies()
          .forEach(
              (file, tally) -> {
                String content = tally.content();
                Optional<TakenFile> same = state.first(one -> one.content().equals(content));
                if (tally.accepted + tally.quarantined() == 0) {
                  LOG.warn("{} has a header but no rows and is ignored", file.path());
                } else if (same.isPresent()) {
                  LOG.warn(
                      "{} is ignored: its {} rows are those of {}, which is in the table",
                      file.path(),
                      tally.accepted + tally.quarantined(),
                      same.get().file().path());
                  known.add(same.get().at(file));
                } else if (!contents.add(content)) {
                  LOG.warn(
                      "{} is ignored: its {} rows are those of another new file",
                      file.path(),
                      tally.accepted + tally.quarantined());
                } else {
                  state
                      .first(one -> one.file().path().equals(file.path()) && one.hasRows())
                      .ifPresent(this::refuseChanged);
                  fresh.put(file, tally);
                }
              });
      if (fresh.isEmpty() && !state.taken().isEmpty()) {
        ledger.update(state, known);
        return unchanged(table, state);
      }
      FoundRows found = new FoundRows(fresh);
      requireRows(found);
      Map<String, Object> facts = facts("append", found);
      tables.acceptedWriter().requireFit(checked.accepted(found.files()));
      // refused rows first: a job that dies before the table's commit has added no file, and the
      // next job overwrites them
      Optional<TableVersion> quarantine = quarantineAppended(checked, found, facts);
      found.requireFew(settings, quarantine);
      TableVersion version =
          tables
              .acceptedWriter()
              .append(
                  checked.accepted(found.files()),
                  found.counts().accepted(),
                  table.exists(spark) ? "after-" + state.base() : "new",
                  facts);
      ledger.update(state, known);
      return new IngestedTable(
          version, quarantine, Optional.of(found.counts()), found.byRule(), found.examples());
    }
  }

  /** Delta knows the number of rows from its log. */
  private void warnOfLostRows(DeltaLocation table, FileLedger.State state) {
    long rows = state.taken().isEmpty() ? 0 : table.rows(spark).count();
    if (rows < state.rows()) {
      LOG.warn(
          "The table {} should have {} rows from its files and has {}: another program deleted {} of them. The job goes on with the rows that are there; data.mode=replace with all files brings the others back.",
          table.text(),
          state.rows(),
          rows,
          state.rows() - rows);
    }
  }

  private IngestedTable unchanged(DeltaLocation table, FileLedger.State state) {
    TableVersion version = new TableVersion(table.text(), state.version());
    tables.requireFiles(version);
    return new IngestedTable(
        version,
        newest(tables.quarantine()),
        Optional.of(new RowCounts(0, 0, 0)),
        Map.of(),
        Map.of());
  }

  private Optional<TableVersion> newest(DeltaLocation location) {
    return location.exists(spark) ? Optional.of(location.newestVersion(spark)) : Optional.empty();
  }

  private void refuseChanged(TakenFile before) {
    throw new DataRefusedException(
        "%s was ingested at version %d of %s and has changed since. data.mode=append only adds files: put the new rows into a separate file, or ingest everything with data.mode=replace. Nothing was added."
            .formatted(before.file().path(), before.version(), settings.table()));
  }

  /** Overwrites refused rows of an earlier job that died before it added the same files. */
  private Optional<TableVersion> quarantineAppended(
      CheckedSource checked, FoundRows found, Map<String, Object> facts) {
    DeltaLocation location = tables.quarantine();
    List<String> paths = found.files().stream().map(CsvFile::path).toList();
    if (found.counts().quarantined() == 0
        && (!location.exists(spark)
            || location.rows(spark).filter(col("file").isin(paths.toArray())).isEmpty())) {
      return newest(location);
    }
    String condition =
        paths.stream()
            .map(TableWriter::literal)
            .collect(Collectors.joining(", ", "file IN (", ")"));
    return Optional.of(
        tables
            .quarantineWriter()
            .replaceWhere(
                checked.refused(found.files()), found.counts().quarantined(), condition, facts));
  }

  private void requireRows(FoundRows found) {
    if (found.counts().read() == 0) {
      throw new DataRefusedException(
          "data.source \"%s\" has a header but no rows; there is nothing to train on."
              .formatted(settings.source()));
    }
  }

  private Map<String, Object> facts(String mode, FoundRows found) {
    Map<String, Object> facts = tables.facts(mode, settings.source(), found.counts());
    facts.put("files", found.taken(-1).stream().map(TakenFile::facts).toList());
    return facts;
  }
}
