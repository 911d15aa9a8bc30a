package winequality.data.ingest;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import winequality.data.table.TableVersion;

/**
 * The table that a job goes on with, and what an ingest did to it.
 *
 * @param accepted the accepted rows, at the version that holds them
 * @param quarantine the refused rows; empty if none was ever refused or nothing was taken in
 * @param counts rows read, accepted, quarantined; empty if nothing was taken in, since the version
 *     was chosen by {@code data.table-version}
 * @param quarantinedByRule refused rows by the rule they broke first, most frequent first
 */
public record IngestedTable(
    TableVersion accepted,
    Optional<TableVersion> quarantine,
    Optional<RowCounts> counts,
    Map<String, Long> quarantinedByRule) {
  public IngestedTable {
    quarantinedByRule = Collections.unmodifiableMap(new LinkedHashMap<>(quarantinedByRule));
  }

  /** A version that was written before, as it is. */
  public static IngestedTable asItIs(TableVersion version) {
    return new IngestedTable(version, Optional.empty(), Optional.empty(), Map.of());
  }
}
