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
 * @param examples of each rule one of the reasons
 */
public record ScoredTable(
    Outcome outcome,
    TableVersion predictions,
    Optional<TableVersion> rejected,
    long scored,
    Map<String, Long> rejectedByRule,
    Map<String, String> examples) {

  public enum Outcome {
    WRITTEN,
    /** The same model version scored the same rows before; its predictions are kept. */
    FOUND
  }

  public ScoredTable {
    rejectedByRule = Collections.unmodifiableMap(new LinkedHashMap<>(rejectedByRule));
    examples = Map.copyOf(examples);
  }

  public long rejectedRows() {
    return rejectedByRule.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Rules of which a message has a reason. */
  private static final int EXAMPLES = 5;

  /** The rules with the number of rows that each rejected and an example, for messages. */
  public String rejections() {
    return rejectedByRule.entrySet().stream()
        .limit(EXAMPLES)
        .map(
            rule ->
                "%s %d (%s)".formatted(rule.getKey(), rule.getValue(), examples.get(rule.getKey())))
        .collect(Collectors.joining(", ", "", rejectedByRule.size() > EXAMPLES ? ", …" : ""));
  }

  public long read() {
    return scored + rejectedRows();
  }
}
