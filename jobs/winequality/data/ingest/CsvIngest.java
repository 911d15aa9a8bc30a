package winequality.data.ingest;

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
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;
import winequality.data.csv.CheckedSource;
import winequality.data.csv.CsvFile;
import winequality.data.csv.CsvSource;
import winequality.data.csv.FileTally;
import winequality.data.table.DeltaCommit;
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableProperties;
import winequality.data.table.TableVersion;
import winequality.data.table.TableWriter;

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
    try (CheckedSource checked = CheckedSource.read(spark, source, CheckedSource.Keep.VALUES)) {
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
    List<TakenFile> now = found.taken(commit.version());
    FileLedger ledger = ledger();
    // the commit may name them, and a ledger written since then others
    if (ledger.exists() || !names(FileLedger.taken(commit)).equals(names(now))) {
      FileLedger.State state = ledger.state();
      if (!names(state.taken()).equals(names(now))) {
        ledger.write(new FileLedger.State(state.version(), state.version(), now));
      }
    }
  }

  private static Set<String> names(List<TakenFile> files) {
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
    try (CheckedSource checked =
        CheckedSource.read(spark, source.with(unseen), CheckedSource.Keep.VALUES)) {
      Map<CsvFile, FileTally> fresh = new LinkedHashMap<>();
      List<TakenFile> known = new ArrayList<>();
      Set<String> contents = new HashSet<>();
      checked
          .tallies()
          .forEach(
              (file, tally) -> {
                String content = tally.content.text();
                Optional<TakenFile> same = state.withContent(content);
                if (tally.accepted + tally.quarantined() == 0) {
                  LOG.warn("{} has a header but no rows and is left out", file.path());
                } else if (same.isPresent()) {
                  LOG.info("{} has the rows of {} and is left out", file.path(), same.get().file());
                  known.add(same.get().at(file));
                } else if (!contents.add(content)) {
                  LOG.info("{} has the rows of another new file and is left out", file.path());
                } else {
                  state.withPath(file.path()).ifPresent(this::refuseChanged);
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
      // refused rows first: a job that dies before the table's commit has taken no file in, and the
      // next one writes them over
      Optional<TableVersion> quarantine = quarantineAppended(checked, found, facts);
      report(found, quarantine);
      TableVersion version =
          tableWriter()
              .append(
                  checked.accepted(found.files()),
                  found.counts().accepted(),
                  table.exists(spark) ? "after-" + state.base() : "new",
                  facts);
      ledger.update(state, known);
      return new IngestedTable(version, quarantine, Optional.of(found.counts()), found.byRule());
    }
  }

  private IngestedTable unchanged(DeltaLocation table, FileLedger.State state) {
    return new IngestedTable(
        new TableVersion(table.text(), state.version()),
        newest(DeltaLocation.resolved(settings.quarantineTable(), spark)),
        Optional.of(new RowCounts(0, 0, 0)),
        Map.of());
  }

  private Optional<TableVersion> newest(DeltaLocation location) {
    return location.exists(spark)
        ? Optional.of(new TableVersion(location.text(), location.newest(spark).version()))
        : Optional.empty();
  }

  private void refuseChanged(TakenFile before) {
    throw new DataRefusedException(
        "%s was taken in at version %d of %s and has changed since. data.mode=append only adds files: put the new rows into a file of their own, or take everything in with data.mode=replace. Nothing was added."
            .formatted(before.file().path(), before.version(), settings.table()));
  }

  /** In the place of what an earlier job wrote that did not take these files in. */
  private Optional<TableVersion> quarantineAppended(
      CheckedSource checked, FoundRows found, Map<String, Object> facts) {
    DeltaLocation location = DeltaLocation.resolved(settings.quarantineTable(), spark);
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
        quarantineWriter(location)
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

  private void report(FoundRows found, Optional<TableVersion> quarantine) {
    RowCounts counts = found.counts();
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
        TableWriter.ingest(ingestId),
        DeltaLocation.resolved(settings.table(), spark),
        TableProperties.ofAccepted(dataset));
  }

  private TableWriter quarantineWriter(DeltaLocation location) {
    return new TableWriter(
        spark, TableWriter.ingest(ingestId), location, TableProperties.ofQuarantine(dataset));
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
    facts.put("files", found.taken(-1).stream().map(TakenFile::facts).toList());
    return facts;
  }
}
