package winequality.metrics;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How far new rows lie from the table that a model was trained from.
 *
 * @param columns in the order of the data set, at least one
 */
public record Drift(long rows, List<ColumnDrift> columns) {

  public Drift {
    columns = List.copyOf(columns);
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("A drift needs at least one column");
    }
  }

  public ColumnDrift worst() {
    return columns.stream().max(Comparator.comparingDouble(ColumnDrift::psi)).orElseThrow();
  }

  /** The columns whose index is above the limit and too large to be chance. */
  public List<ColumnDrift> beyond(double limit) {
    return columns.stream()
        .filter(column -> column.psi() > limit && column.psi() > column.byChance())
        .toList();
  }

  public String beyondText(double limit) {
    return String.join(", ", beyond(limit).stream().map(ColumnDrift::text).toList());
  }

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
