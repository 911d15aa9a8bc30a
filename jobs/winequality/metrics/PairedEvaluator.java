package winequality.metrics;

import static org.apache.spark.sql.functions.col;

import elasticnet.split.Columns;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Compares two models on the same rows, with intervals, by a bootstrap that reads the rows once.
 *
 * <p>Both models get the same weights in each replicate, so whatever makes a row hard for both
 * cancels. The interval of the difference is therefore far narrower than those of the two figures.
 * Rows with identical features are resampled together, as in {@link IntervalEvaluator}.
 */
public final class PairedEvaluator {

  private final BootstrapSettings settings;

  public PairedEvaluator(BootstrapSettings settings) {
    this.settings = settings;
  }

  /**
   * Compares two columns of predictions. With fewer than 30 distinct feature rows the intervals
   * have no bounds.
   *
   * @param rows with features, label and both predictions: doubles, neither null nor NaN
   * @param features columns whose values make rows duplicates
   * @param challenger column of the new model's predictions
   * @param champion column of the current model's predictions
   * @throws EvaluationException if there are no rows
   */
  public PairedComparison compare(
      Dataset<Row> rows, List<String> features, String label, String challenger, String champion) {
    List<ErrorSums> groups =
        RowGroups.of(
                rows,
                features,
                label,
                List.of(col(Columns.quoted(challenger)), col(Columns.quoted(champion))),
                settings.seed())
            .stream()
            .map(RowGroups.Group::sums)
            .toList();
    BootstrapReplicates replicates = new BootstrapReplicates(groups, settings);
    return new PairedComparison(
        Math.round(replicates.total().rows()),
        groups.size(),
        replicates.interval(sums -> sums.rmse(0) - sums.rmse(1)),
        replicates.interval(sums -> sums.mae(0) - sums.mae(1)));
  }
}
