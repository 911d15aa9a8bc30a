package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static winequality.metrics.EvaluationPass.EXAMPLE;
import static winequality.metrics.EvaluationPass.LABEL;
import static winequality.metrics.EvaluationPass.WEIGHT;
import static winequality.metrics.EvaluationPass.variance;

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
   * Evaluates the predictions of the test rows. With fewer than 30 distinct feature rows the
   * intervals have no bounds.
   *
   * @param other the constant that the pass has as the other prediction
   * @param baseline prediction without a model: the train rows' mean label
   * @throws DataRefusedException if there are no test rows
   */
  RegressionIntervals evaluate(EvaluationPass pass, double other, double baseline) {
    List<double[]> groups = pass.groups();
    BootstrapReplicates replicates = replicates(groups, other, baseline);
    return new RegressionIntervals(
        settings.confidence(),
        groups.size(),
        replicates.interval(sums -> sums.rmse(0)),
        replicates.interval(sums -> sums.mae(0)),
        replicates.total().r2(0).isEmpty()
            ? Optional.empty()
            : Optional.of(replicates.interval(sums -> sums.r2(0).orElse(Double.NaN))),
        replicates.interval(sums -> sums.rmse(0) - sums.rmse(1)),
        // a hash is uniformly distributed: the lowest ones are a random sample
        groups.stream()
            .sorted(Comparator.comparingLong(group -> EvaluationPass.hash(group)))
            .limit(SAMPLE)
            .map(group -> new LabelledPrediction(group[EXAMPLE], group[EXAMPLE + 1]))
            .toList());
  }

  /**
   * Compares two columns of predictions of the same rows, in one pass.
   *
   * <p>Both models get the same weights in each replicate, so whatever makes a row hard for both
   * cancels: the interval of the difference is far narrower than those of the two figures.
   *
   * @param rows with label and predictions: doubles, neither null nor NaN
   * @throws DataRefusedException if there are no rows
   */
  public PairedComparison compare(
      Dataset<Row> rows, EvaluationColumns columns, String challenger, String champion) {
    List<double[]> groups = pass(rows, columns, challenger, col(Columns.quoted(champion))).groups();
    BootstrapReplicates replicates = replicates(groups, 0.0, 0.0);
    return new PairedComparison(
        groups.stream().mapToLong(group -> (long) group[EvaluationPass.ROWS]).sum(),
        groups.size(),
        replicates.interval(sums -> sums.rmse(0) - sums.rmse(1)),
        replicates.interval(sums -> sums.mae(0) - sums.mae(1)));
  }

  /** A pass over rows that are all test rows. */
  EvaluationPass pass(
      Dataset<Row> rows, EvaluationColumns columns, String prediction, Column other) {
    Column predicted = col(Columns.quoted(prediction));
    return EvaluationPass.over(
        columns.arrays(rows, lit(false), predicted, other, List.of(), settings.seed()),
        ErrorProfiler.undivided());
  }

  /** If the other prediction is the constant {@code from}, its errors are those of {@code to}. */
  private BootstrapReplicates replicates(List<double[]> groups, double from, double to) {
    double mean = EvaluationPass.total(groups).orElseThrow()[LABEL];
    return new BootstrapReplicates(
        groups.stream().map(group -> sums(group, mean, from, to)).toList(), settings);
  }

  private static ErrorSums sums(double[] group, double mean, double from, double to) {
    double weight = group[WEIGHT];
    double deviation = group[LABEL] - mean;
    // Σ(y−b)² = Σ(y−a)² + n(b−a)((b−a) − 2(ȳ−a)); rounding may make the sum negative
    double moved = weight * (to - from) * (to - from - 2.0 * (group[LABEL] - from));
    return new ErrorSums(
        new double[] {
          weight,
          weight * deviation,
          weight * (variance(group, LABEL) + deviation * deviation),
          group[EvaluationPass.SQUARED_ERRORS],
          group[EvaluationPass.ABSOLUTE_ERRORS],
          Math.max(0.0, group[EvaluationPass.OTHER_SQUARED] + moved),
          // does not follow from the sums
          to == from ? group[EvaluationPass.OTHER_ABSOLUTE] : Double.NaN
        });
  }
}
