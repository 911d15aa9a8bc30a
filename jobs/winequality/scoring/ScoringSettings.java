package winequality.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What to score, with which version, and where the predictions go.
 *
 * @param source a Delta table (path or catalog name), Parquet or CSV files; empty for {@code
 *     data.table}
 * @param sourceVersion version of a Delta table; empty for the newest
 * @param alias a role or an alias of the model version
 * @param version number of the model version; empty for the one of the alias
 * @param table path or catalog name of the predictions
 * @param rejectedTable path or catalog name of the rows that could not be scored
 * @param columns of the source to store with the prediction; an empty list means all
 * @param maxRejectedFraction share of rejected rows above which the job fails, 0 to 1
 * @param attempt a higher number than before scores the same rows again with the same version
 */
public record ScoringSettings(
    Optional<String> source,
    OptionalLong sourceVersion,
    String alias,
    Optional<String> version,
    String table,
    String rejectedTable,
    List<String> columns,
    double maxRejectedFraction,
    long attempt) {

  /** The exception has a line for each bad value, which starts with its key. */
  public ScoringSettings {
    columns = List.copyOf(columns);
    List<String> problems = new ArrayList<>();
    if (sourceVersion.isPresent() && sourceVersion.getAsLong() < 0) {
      problems.add(
          "scoring.source-version is %d; it must be 0 or more"
              .formatted(sourceVersion.getAsLong()));
    }
    if (alias.isBlank() && version.isEmpty()) {
      problems.add("scoring.alias is empty; set it, or scoring.version");
    }
    if (version.isPresent() && !version.get().matches("[1-9][0-9]*")) {
      problems.add(
          "scoring.version is \"%s\"; it must be a version's number, such as 7"
              .formatted(version.get()));
    }
    if (table.isBlank()) {
      problems.add("scoring.table is empty; it must be set");
    }
    if (rejectedTable.isBlank()) {
      problems.add("scoring.rejected-table is empty; it must be set");
    } else if (rejectedTable.equals(table)) {
      problems.add(
          "scoring.rejected-table is the same as scoring.table, \"%s\"; predictions and rejected rows need a table each"
              .formatted(table));
    }
    if (source.isPresent() && List.of(table, rejectedTable).contains(source.get())) {
      problems.add(
          "scoring.source is \"%s\", which this job writes; predictions need a separate table"
              .formatted(source.get()));
    }
    // written so that NaN fails too
    if (!(maxRejectedFraction >= 0.0 && maxRejectedFraction <= 1.0)) {
      problems.add(
          "scoring.max-rejected-fraction is %s; it must lie between 0 and 1"
              .formatted(maxRejectedFraction));
    }
    if (attempt < 1) {
      problems.add("scoring.attempt is %d; it must be 1 or more".formatted(attempt));
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }
}
