package winequality.data.ingest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.SafeText;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.Fingerprint;
import winequality.data.RefusedSource;
import winequality.data.RowCounts;
import winequality.data.csv.CsvFile;
import winequality.data.csv.FileTally;
import winequality.data.csv.LineHash;
import winequality.data.ingest.FileLedger.TakenFile;
import winequality.data.table.TableVersion;

/** What was found in the files of an ingest. */
record FoundRows(Map<CsvFile, FileTally> tallies) {

  private static final Logger LOG = LoggerFactory.getLogger(FoundRows.class);

  /** Rules of which a message shows a row. */
  private static final int EXAMPLES = 5;

  List<CsvFile> files() {
    return List.copyOf(tallies.keySet());
  }

  RowCounts counts() {
    long accepted = tallies.values().stream().mapToLong(tally -> tally.accepted).sum();
    long quarantined = tallies.values().stream().mapToLong(FileTally::quarantined).sum();
    return new RowCounts(accepted + quarantined, accepted, quarantined);
  }

  /** Most frequent first. */
  Map<String, Long> byRule() {
    Map<String, Long> sums = new TreeMap<>();
    for (FileTally tally : tallies.values()) {
      tally.refused.forEach((rule, rows) -> sums.merge(rule, rows, Long::sum));
    }
    Map<String, Long> sorted = new LinkedHashMap<>();
    sums.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  /** The first row of each rule. */
  Map<String, String> examples() {
    Map<String, String> first = new TreeMap<>();
    tallies.forEach(
        (file, tally) ->
            tally.examples.forEach(
                (rule, row) ->
                    first.putIfAbsent(
                        rule,
                        SafeText.line(
                            "%s, line %d: %s".formatted(file.path(), row.line(), row.reason())))));
    return first;
  }

  /** Refuses the source if too many of its rows are refused. */
  void requireFew(DataSettings settings, Optional<TableVersion> quarantine) {
    String state = "The accepted table is unchanged.";
    if (byRule().keySet().equals(Set.of("too-many-fields")) && counts().accepted() == 0) {
      state +=
          " Every row has more fields than the header; R's write.table writes so, because the column of row names has no name: write the file with col.names = NA or row.names = FALSE.";
    }
    requireFew(new RefusedSource(counts(), quarantine, byRule(), examples()), settings, state);
  }

  /**
   * Warns of refused rows.
   *
   * @param state what a refusal of the source leaves as it is
   * @throws DataRefusedException if more than the settings' share is refused, or every row
   */
  static void requireFew(RefusedSource found, DataSettings settings, String state) {
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
            found.quarantinedByRule().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ")),
            settings.quarantineTable());
    String examples =
        found.quarantinedByRule().keySet().stream()
            .limit(EXAMPLES)
            .map(rule -> "\n  " + found.examples().get(rule))
            .collect(Collectors.joining("", " For example:", ""));
    if (counts.quarantinedFraction() > settings.maxQuarantineFraction() || counts.accepted() == 0) {
      throw new DataRefusedException(
          "%s %s %s%s"
              .formatted(
                  message,
                  state,
                  counts.accepted() == 0
                      ? "No row was accepted, so there is nothing to ingest: correct the source."
                      : "Correct the source, or raise data.max-quarantine-fraction if so many bad rows are expected.",
                  examples),
          found);
    }
    LOG.warn("{}{}", message, examples);
  }

  List<TakenFile> taken(long version) {
    List<TakenFile> taken = new ArrayList<>();
    tallies.forEach(
        (file, tally) ->
            taken.add(
                new TakenFile(
                    file, tally.content(), tally.accepted, tally.quarantined(), version)));
    return taken;
  }

  /** Does not depend on the files or the order of the rows. */
  String acceptedFingerprint() {
    LineHash rows = new LineHash();
    tallies.values().forEach(tally -> rows.add(tally.acceptedRows));
    return counts().accepted() + ":" + rows.text();
  }

  /** Depends on the files and positions of the rows. */
  String refusedFingerprint() {
    String rows =
        tallies.entrySet().stream()
            .filter(entry -> entry.getValue().quarantined() > 0)
            .map(entry -> entry.getKey().path() + "=" + entry.getValue().refusedRows.text())
            .sorted()
            .collect(Collectors.joining("\n"));
    return "quarantine:" + Fingerprint.of(rows);
  }
}
