package winequality.metrics;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How far new rows lie from the table that a model was trained from.
 *
 * @param rows how many new rows there are
 * @param columns in the order of the data set, at least one
 */
public record Drift(long rows, List<ColumnDrift> columns) {

  public Drift {
    columns = List.copyOf(columns);
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("A drift without columns says nothing");
    }
  }

  /** The column with the largest index. */
  public ColumnDrift worst() {
    return columns.stream()
        .max(Comparator.comparingDouble(ColumnDrift::psi))
        .orElseThrow(IllegalStateException::new);
  }

  /** The columns whose index is above a limit and cannot well be chance. */
  public List<ColumnDrift> beyond(double limit) {
    return columns.stream().filter(column -> column.exceeds(limit)).toList();
  }

  /** Such columns in words. */
  public String beyondText(double limit) {
    return beyond(limit).stream()
        .map(column -> String.format(Locale.ROOT, "%s %.3f", column.column(), column.psi()))
        .collect(Collectors.joining(", "));
  }

  /** In one line. */
  public String summary() {
    return String.format(
        Locale.ROOT,
        "%d new rows, largest PSI %.3f (%s; %.3f may be chance)",
        rows,
        worst().psi(),
        worst().column(),
        worst().byChance());
  }
}
