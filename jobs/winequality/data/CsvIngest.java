package winequality.data;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a CSV source into two Delta tables: accepted rows and refused ones.
 *
 * <p>The source is read once. If it is refused as a whole the accepted table stays as it was, and
 * the quarantine table has every bad row. In every mode a job that died may be run again: what it
 * had written is found or written over, never doubled.
 */
public final class CsvIngest {

  private static final Logger LOG = LoggerFactory.getLogger(CsvIngest.class);

  private final SparkSession spark;
  private final DatasetDescription dataset;
  private final DataSettings settings;
  private final String ingestId;

  /**
   * @param ingestId unique for this ingest; stands in the commits that it makes
   */
  public CsvIngest(
      SparkSession spark, DatasetDescription dataset, DataSettings settings, String ingestId) {
    this.spark = spark;
    this.dataset = dataset;
    this.settings = settings;
    this.ingestId = ingestId;
  }

  /**
   * Takes the source in.
   *
   * @throws DataRefusedException if the source cannot be read, lacks a column, has no rows, or has
   *     more bad rows than {@code data.max-quarantine-fraction} allows
   */
  public IngestedTable ingest(CsvSource source) {
    return settings.mode() == IngestMode.APPEND ? append(source) : replace(source);
  }

  private IngestedTable replace(CsvSource source) {
    try (CheckedSource checked = CheckedSource.read(spark, dataset, source, false)) {
      FoundRows found = new FoundRows(checked.tallies());
      requireRows(found);
      Map<String, Object> facts = facts("replace", found);
      // refused rows first: whatever fails from here on, they are kept
      DeltaLocation location = DeltaLocation.resolved(settings.quarantineTable(), spark);
      Optional<TableVersion> quarantine =
          found.counts().quarantined() == 0 && !location.exists(spark)
              ? Optional.empty()
              : Optional.of(
                  quarantineWriter(location)
                      .replace(
                          checked.refused(found.files()),
                          found.counts().quarantined(),
                          found.refusedFingerprint(),
                          commit -> {},
                          facts));
      report(found, quarantine);
      TableVersion table =
          tableWriter()
              .replace(
                  checked.accepted(found.files()),
                  found.counts().accepted(),
                  "columns:" + Fingerprint.of(names()) + ":" + found.acceptedFingerprint(),
                  commit -> renamed(found, commit),
                  facts);
      return new IngestedTable(table, quarantine, Optional.of(found.counts()), found.byRule());
    }
  }

  /**
   * The rows are in the table, by way of other files. Append has to know these too, and no commit
   * will tell it.
   */
  private void renamed(FoundRows found, DeltaCommit commit) {
    List<FileLedger.Taken> now = found.taken(commit.version());
    FileLedger ledger = ledger();
    // the commit may name them, and a ledger written since then others
    if (ledger.exists() || !names(FileLedger.taken(commit)).equals(names(now))) {
      FileLedger.State state = ledger.state();
      if (!names(state.taken()).equals(names(now))) {
        ledger.write(new FileLedger.State(state.version(), state.version(), now));
      }
    }
  }

  private static Set<String> names(List<FileLedger.Taken> files) {
    return files.stream()
        .map(taken -> taken.file().path() + "\n" + taken.content())
        .collect(Collectors.toSet());
  }

  private FileLedger ledger() {
    return new FileLedger(
        spark,
        DeltaLocation.resolved(settings.table(), spark),
        DeltaLocation.resolved(settings.filesTable(), spark));
  }

  private IngestedTable append(CsvSource source) {
    DeltaLocation table = DeltaLocation.resolved(settings.table(), spark);
    FileLedger ledger = ledger();
    FileLedger.State state = ledger.state();
    List<CsvFile> unseen = source.files().stream().filter(file -> !state.has(file)).toList();
    if (unseen.isEmpty()) {
      LOG.info("All {} files of {} are in the table", source.files().size(), source.text());
      return unchanged(table, state);
    }
    boolean mayMend =
        unseen.stream()
            .anyMatch(
                file ->
                    state.rowsOf(file.path()).filter(FileLedger.Taken::mayBeMended).isPresent());
    try (CheckedSource checked = CheckedSource.read(spark, dataset, source.with(unseen), mayMend)) {
      Map<CsvFile, FileTally> fresh = new LinkedHashMap<>();
      Map<CsvFile, CheckedSource.MendedRows> mended = new LinkedHashMap<>();
      List<FileLedger.Taken> again = new ArrayList<>();
      Set<String> contents = new HashSet<>();
      checked
          .tallies()
          .forEach(
              (file, tally) -> {
                String content = tally.content.text();
                Optional<FileLedger.Taken> known = state.withContent(content);
                if (known.isPresent()) {
                  LOG.info(
                      "{} has the rows of {} and is left out", file.path(), known.get().file());
                  again.add(
                      new FileLedger.Taken(
                          file,
                          content,
                          known.get().accepted(),
                          known.get().acceptedRows(),
                          known.get().quarantined(),
                          known.get().version()));
                } else if (contents.add(content)) {
                  Optional<FileLedger.Taken> before = state.rowsOf(file.path());
                  before.ifPresent(taken -> mended.put(file, mended(checked, file, tally, taken)));
                  fresh.put(file, tally);
                } else {
                  LOG.info(
                      "{} has the rows of another file beside it and is left out", file.path());
                }
              });
      if (mended.isEmpty()
          && fresh.values().stream().noneMatch(tally -> tally.accepted + tally.quarantined() > 0)
          && !state.taken().isEmpty()) {
        fresh
            .keySet()
            .forEach(file -> LOG.warn("{} has a header but no rows and is left out", file.path()));
        ledger.keep(state.noting(again));
        return unchanged(table, state);
      }
      return append(checked, new FoundRows(fresh, mended), again, table, ledger, state);
    }
  }

  private IngestedTable append(
      CheckedSource checked,
      FoundRows found,
      List<FileLedger.Taken> again,
      DeltaLocation table,
      FileLedger ledger,
      FileLedger.State state) {
    requireRows(found);
    Map<String, Object> facts = facts("append", found);
    List<CsvFile> fresh = found.fresh();
    Optional<TableVersion> quarantine = quarantineAppended(checked, fresh, facts);
    report(found, quarantine);
    Dataset<Row> rows = checked.accepted(fresh);
    for (CheckedSource.MendedRows mended : found.mended().values()) {
      rows = rows.unionByName(mended.rows());
    }
    TableVersion version =
        tableWriter()
            .append(
                rows,
                found.counts().accepted(),
                table.exists(spark) ? "after-" + state.base() : "new",
                facts);
    // behind the table's commit: a job that dies in between leaves the rows in both, not in neither
    if (!found.mended().isEmpty()) {
      quarantine = quarantineAppended(checked, List.copyOf(found.mended().keySet()), facts);
    }
    ledger.keep(state.with(version.version(), found.taken(version.version())).noting(again));
    return new IngestedTable(version, quarantine, Optional.of(found.counts()), found.byRule());
  }

  private IngestedTable unchanged(DeltaLocation table, FileLedger.State state) {
    DeltaLocation quarantine = DeltaLocation.resolved(settings.quarantineTable(), spark);
    return new IngestedTable(
        new TableVersion(table.text(), state.version()),
        quarantine.exists(spark)
            ? Optional.of(
                new TableVersion(
                    quarantine.text(), DeltaCommit.latest(quarantine, spark, 1).get(0).version()))
            : Optional.empty(),
        Optional.of(new RowCounts(0, 0, 0)),
        Map.of());
  }

  /**
   * What a file that was taken in before has beyond that: rows on the lines that were refused then.
   *
   * @throws DataRefusedException if its other rows are not those that are in the table, since rows
   *     cannot be taken out of it by appending
   */
  private CheckedSource.MendedRows mended(
      CheckedSource checked, CsvFile file, FileTally tally, FileLedger.Taken before) {
    if (before.mayBeMended()) {
      // where refused lines were only deleted, others may stand on their numbers
      boolean same =
          tally.accepted == before.accepted()
              && tally.acceptedRows.text().equals(before.acceptedRows());
      CheckedSource.MendedRows rows =
          checked.acceptedOn(file, same ? Set.of() : quarantinedLines(file));
      LineHash all = LineHash.of(before.acceptedRows());
      all.add(rows.hash());
      if (tally.accepted == before.accepted() + rows.count()
          && all.text().equals(tally.acceptedRows.text())) {
        LOG.info(
            "{} has its rows in the table and {} mended ones, which are added",
            file.path(),
            rows.count());
        return rows;
      }
    }
    throw new DataRefusedException(
        "%s was taken in at version %d of %s with %d rows, and more than its refused lines has changed since. data.mode=append takes new files, and lines mended where they stand: put other rows into a file of their own, or take everything in with data.mode=replace. Nothing was added."
            .formatted(file.path(), before.version(), settings.table(), before.accepted()));
  }

  private Set<Long> quarantinedLines(CsvFile file) {
    DeltaLocation location = DeltaLocation.resolved(settings.quarantineTable(), spark);
    return location.exists(spark)
        ? location
            .open(spark)
            .toDF()
            .filter(col("file").equalTo(file.path()))
            .select("line")
            .collectAsList()
            .stream()
            .map(row -> row.getLong(0))
            .collect(Collectors.toSet())
        : Set.of();
  }

  /** What an earlier reading of the same files has left there goes; so does what was mended. */
  private Optional<TableVersion> quarantineAppended(
      CheckedSource checked, List<CsvFile> files, Map<String, Object> facts) {
    DeltaLocation location = DeltaLocation.resolved(settings.quarantineTable(), spark);
    boolean exists = location.exists(spark);
    long quarantined =
        checked.tallies().entrySet().stream()
            .filter(tally -> files.contains(tally.getKey()))
            .mapToLong(tally -> tally.getValue().quarantined())
            .sum();
    if (quarantined == 0) {
      if (!exists) {
        return Optional.empty();
      }
      Object[] paths = files.stream().map(CsvFile::path).toArray();
      if (location.open(spark).toDF().filter(col("file").isin(paths)).isEmpty()) {
        return Optional.of(
            new TableVersion(
                location.text(), DeltaCommit.latest(location, spark, 1).get(0).version()));
      }
    }
    String condition =
        files.stream()
            .map(file -> "'" + file.path().replace("\\", "\\\\").replace("'", "\\'") + "'")
            .collect(Collectors.joining(", ", "file IN (", ")"));
    return Optional.of(
        quarantineWriter(location)
            .replaceWhere(checked.refused(files), quarantined, condition, facts));
  }

  private void requireRows(FoundRows found) {
    if (found.whole().read() == 0) {
      throw new DataRefusedException(
          "data.source \"%s\" has a header but no rows; there is nothing to train on."
              .formatted(settings.source()));
    }
  }

  private void report(FoundRows found, Optional<TableVersion> quarantine) {
    RowCounts counts = found.whole();
    if (counts.quarantined() == 0) {
      return;
    }
    String message =
        String.format(
            Locale.ROOT,
            "Quarantined %d of %d rows (%.1f %%; limit %.1f %%): %s. See table %s.",
            counts.quarantined(),
            counts.read(),
            100 * counts.quarantinedFraction(),
            100 * settings.maxQuarantineFraction(),
            found.byRule().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ")),
            settings.quarantineTable());
    if (counts.quarantinedFraction() > settings.maxQuarantineFraction() || counts.accepted() == 0) {
      throw new DataRefusedException(
          message
              + " The accepted table was left as it was. "
              + (counts.accepted() == 0
                  ? "No row is in order, so there is nothing to take in: mend the source."
                  : "Mend the source, or raise data.max-quarantine-fraction if so many bad rows are expected."),
          new RefusedSource(counts, quarantine, found.byRule()));
    }
    LOG.warn(message);
  }

  private TableWriter tableWriter() {
    return new TableWriter(
        spark,
        ingestId,
        DeltaLocation.resolved(settings.table(), spark),
        TableProperties.ofAccepted(dataset));
  }

  private TableWriter quarantineWriter(DeltaLocation location) {
    return new TableWriter(spark, ingestId, location, TableProperties.ofQuarantine(dataset));
  }

  /** Part of the fingerprint: equal values under other names are another table. */
  private String names() {
    return dataset.columns().stream()
        .map(column -> column.name() + "\t" + column.comment())
        .collect(Collectors.joining("\n"));
  }

  private Map<String, Object> facts(String mode, FoundRows found) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("dataset", dataset.name());
    facts.put("source", settings.source());
    facts.put("mode", mode);
    facts.put("read", found.counts().read());
    facts.put("accepted", found.counts().accepted());
    facts.put("quarantined", found.counts().quarantined());
    facts.put("files", found.taken(-1).stream().map(FileLedger.Taken::facts).toList());
    return facts;
  }
}
