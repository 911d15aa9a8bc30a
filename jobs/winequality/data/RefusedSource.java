package winequality.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import winequality.data.table.TableVersion;

/**
 * What was found in a source that was read and then refused.
 *
 * @param quarantine the refused rows; empty if there are none
 * @param quarantinedByRule refused rows by the first rule they broke, most frequent first
 * @param examples of each rule a row and the reason: of CSV files the first row, with file and
 *     line; of a table or Parquet any row, without a line
 */
public record RefusedSource(
    RowCounts counts,
    Optional<TableVersion> quarantine,
    Map<String, Long> quarantinedByRule,
    Map<String, String> examples) {
  public RefusedSource {
    quarantinedByRule = Collections.unmodifiableMap(new LinkedHashMap<>(quarantinedByRule));
    examples = Map.copyOf(examples);
  }
}
