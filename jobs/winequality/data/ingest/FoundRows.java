package winequality.data.ingest;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import winequality.data.Fingerprint;
import winequality.data.csv.CsvFile;
import winequality.data.csv.FileTally;
import winequality.data.csv.LineHash;

/** What was found in the files that an ingest is about. */
final class FoundRows {
  private final Map<CsvFile, FileTally> tallies;

  FoundRows(Map<CsvFile, FileTally> tallies) {
    this.tallies = tallies;
  }

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
    tallies
        .values()
        .forEach(tally -> tally.refused.forEach((rule, rows) -> sums.merge(rule, rows, Long::sum)));
    Map<String, Long> sorted = new LinkedHashMap<>();
    sums.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  List<TakenFile> taken(long version) {
    return tallies.entrySet().stream()
        .map(
            entry ->
                new TakenFile(
                    entry.getKey(),
                    entry.getValue().content.text(),
                    entry.getValue().accepted,
                    entry.getValue().quarantined(),
                    version))
        .toList();
  }

  /** Of the rows, in whichever files and order they stand. */
  String acceptedFingerprint() {
    LineHash rows = new LineHash();
    tallies.values().forEach(tally -> rows.add(tally.acceptedRows));
    return counts().accepted() + ":" + rows.text();
  }

  /** Of the rows with their files and places. */
  String refusedFingerprint() {
    return tallies.entrySet().stream()
        .filter(entry -> entry.getValue().quarantined() > 0)
        .map(entry -> entry.getKey().path() + "=" + entry.getValue().refusedRows.text())
        .sorted()
        .collect(
            Collectors.collectingAndThen(
                Collectors.joining("\n"), all -> "quarantine:" + Fingerprint.of(all)));
  }
}
