package winequality.metrics;

import static org.apache.spark.sql.functions.col;

import elasticnet.split.Columns;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Says how much better one model is than another on the same rows, and how sure that is, by a
 * bootstrap that reads the rows once.
 *
 * <p>Both models get the same weights in each replicate, so that what makes a row hard for both
 * cancels: the interval of the difference is far narrower than those of the two figures. Drawn are
 * distinct feature rows with their twins, as in {@link IntervalEvaluator}.
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
   * @param rows with features, label and both predictions, doubles, neither null nor NaN
   * @param features names of the feature columns: what makes rows twins
   * @param challenger name of the column with the predictions that are to be better
   * @param champion name of the column with the predictions that they are measured against
   * @return challenger less champion
   * @throws EvaluationException if there is no row
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
        settings.confidence(),
        Math.round(replicates.total().rows()),
        groups.size(),
        replicates.interval(sums -> sums.rmse(0) - sums.rmse(1)),
        replicates.interval(sums -> sums.mae(0) - sums.mae(1)));
  }
}
