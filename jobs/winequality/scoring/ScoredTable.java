package winequality.scoring;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import winequality.data.table.TableVersion;

/**
 * What a scoring left behind; every row that was read is scored or rejected.
 *
 * @param outcome whether the predictions are new
 * @param predictions the table that holds them, at a version that does
 * @param rejected the table of rejected rows; empty if no row of this input was rejected
 * @param scored rows with a prediction
 * @param rejectedByRule rejected rows by the rule they broke first, most frequent first
 */
public record ScoredTable(
    Outcome outcome,
    TableVersion predictions,
    Optional<TableVersion> rejected,
    long scored,
    Map<String, Long> rejectedByRule) {

  /** Whether a scoring had to be done. */
  public enum Outcome {
    /** The predictions were written now. */
    WRITTEN,
    /** The same version of the model has scored the same rows before; its predictions stay. */
    FOUND
  }

  public ScoredTable {
    rejectedByRule = Collections.unmodifiableMap(new LinkedHashMap<>(rejectedByRule));
  }

  /** Rows that could not be scored. */
  public long rejectedRows() {
    return rejectedByRule.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Rows of the input. */
  public long read() {
    return scored + rejectedRows();
  }
}
