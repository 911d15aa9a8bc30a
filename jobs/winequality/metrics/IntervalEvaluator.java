package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import elasticnet.split.Columns;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.DataRefusedException;

/**
 * Computes intervals of RMSE, MAE and R², or of the difference of two models, by a bootstrap that
 * reads the rows once.
 *
 * <p>Rows with identical features are resampled together, as the split keeps them together. They
 * share their prediction and often their label, so their errors are not independent: resampling
 * single rows would narrow the intervals of a table that was written twice. If the duplicates are
 * independent after all, the intervals are too wide rather than too narrow.
 *
 * <p>The intervals are for this model on other rows of the same kind. They do not include the
 * variation between models from different train rows.
 *
 * @see <a href="https://doi.org/10.1111/j.1467-9868.2007.00593.x">Field, Welsh (2007),
 *     Bootstrapping clustered data</a>
 */
public final class IntervalEvaluator {

  private static final int SAMPLE = 2000;

  private final BootstrapSettings settings;

  public IntervalEvaluator(BootstrapSettings settings) {
    this.settings = settings;
  }

  /**
   * Evaluates one column of predictions. With fewer than 30 distinct feature rows the intervals
   * have no bounds.
   *
   * @param rows with label and prediction: doubles, neither null nor NaN
   * @param baseline prediction without a model: the train rows' mean label
   * @throws DataRefusedException if there are no rows
   */
  public RegressionIntervals evaluate(
      Dataset<Row> rows, EvaluationColumns columns, String prediction, double baseline) {
    List<RowGroups.Group> groups = groups(rows, columns, prediction, lit(baseline));
    BootstrapReplicates replicates = replicates(groups);
    return new RegressionIntervals(
        settings.confidence(),
        groups.size(),
        replicates.interval(sums -> sums.rmse(0)),
        replicates.interval(sums -> sums.mae(0)),
        replicates.total().r2(0).isEmpty()
            ? Optional.empty()
            : Optional.of(replicates.interval(sums -> sums.r2(0).orElse(Double.NaN))),
        replicates.interval(sums -> sums.rmse(0) - sums.rmse(1)),
        groups.stream()
            .sorted(Comparator.comparingLong(RowGroups.Group::order))
            .limit(SAMPLE)
            .map(RowGroups.Group::example)
            .toList());
  }

  /**
   * Compares two columns of predictions of the same rows, otherwise as {@link #evaluate}.
   *
   * <p>Both models get the same weights in each replicate, so whatever makes a row hard for both
   * cancels: the interval of the difference is far narrower than those of the two figures.
   */
  public PairedComparison compare(
      Dataset<Row> rows, EvaluationColumns columns, String challenger, String champion) {
    List<RowGroups.Group> groups = groups(rows, columns, challenger, col(Columns.quoted(champion)));
    BootstrapReplicates replicates = replicates(groups);
    return new PairedComparison(
        groups.stream().mapToLong(RowGroups.Group::rows).sum(),
        groups.size(),
        replicates.interval(sums -> sums.rmse(0) - sums.rmse(1)),
        replicates.interval(sums -> sums.mae(0) - sums.mae(1)));
  }

  private List<RowGroups.Group> groups(
      Dataset<Row> rows, EvaluationColumns columns, String prediction, Column other) {
    List<Column> predictions = List.of(col(Columns.quoted(prediction)), other);
    return RowGroups.of(rows, columns, predictions, settings.seed());
  }

  private BootstrapReplicates replicates(List<RowGroups.Group> groups) {
    return new BootstrapReplicates(groups.stream().map(RowGroups.Group::sums).toList(), settings);
  }
}
