package winequality.data.ingest;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import winequality.data.RowCounts;
import winequality.data.table.TableVersion;

/**
 * The table that a job uses, and what an ingest did to it.
 *
 * @param accepted the accepted rows, at the version that holds them
 * @param quarantine the refused rows; empty if none was ever refused or nothing was ingested
 * @param counts empty if {@code data.table-version} chose the version, so nothing was ingested
 * @param quarantinedByRule refused rows by the first rule they broke, most frequent first
 * @param examples of each rule a row and the reason: of CSV files the first row, with file and
 *     line; of a table or Parquet any row, without a line
 */
public record IngestedTable(
    TableVersion accepted,
    Optional<TableVersion> quarantine,
    Optional<RowCounts> counts,
    Map<String, Long> quarantinedByRule,
    Map<String, String> examples) {
  public IngestedTable {
    quarantinedByRule = Collections.unmodifiableMap(new LinkedHashMap<>(quarantinedByRule));
    examples = Map.copyOf(examples);
  }

  public static IngestedTable asItIs(TableVersion version) {
    return new IngestedTable(version, Optional.empty(), Optional.empty(), Map.of(), Map.of());
  }
}
