package winequality.scoring;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import winequality.data.table.TableVersion;

/**
 * The result of a scoring; every row that was read is either scored or rejected.
 *
 * @param predictions their table, at a version that has them
 * @param rejected the table of rejected rows; empty if no row of this input was rejected
 * @param scored number of rows with a prediction
 * @param rejectedByRule rejected rows by the first rule they broke, most frequent first
 */
public record ScoredTable(
    Outcome outcome,
    TableVersion predictions,
    Optional<TableVersion> rejected,
    long scored,
    Map<String, Long> rejectedByRule) {

  public enum Outcome {
    WRITTEN,
    /** The same model version scored the same rows before; its predictions are kept. */
    FOUND
  }

  public ScoredTable {
    rejectedByRule = Collections.unmodifiableMap(new LinkedHashMap<>(rejectedByRule));
  }

  public long rejectedRows() {
    return rejectedByRule.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The rules with the number of rows that each rejected, for messages. */
  public String rejections() {
    return rejectedByRule.entrySet().stream()
        .map(rule -> rule.getKey() + " " + rule.getValue())
        .collect(Collectors.joining(", "));
  }

  public long read() {
    return scored + rejectedRows();
  }
}
