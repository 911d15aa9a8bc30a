package winequality.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an ingest left behind.
 *
 * @param accepted the accepted rows, at the version that holds them
 * @param quarantine the refused rows; empty if none was ever refused
 * @param counts rows read, accepted, quarantined, duplicates
 * @param quarantinedByRule refused rows by the rule they broke first, most frequent first
 */
public record IngestedTable(
    TableVersion accepted,
    Optional<TableVersion> quarantine,
    RowCounts counts,
    Map<String, Long> quarantinedByRule) {
  public IngestedTable {
    quarantinedByRule = Collections.unmodifiableMap(new LinkedHashMap<>(quarantinedByRule));
  }
}
