package elasticnet;

import elasticnet.split.Folds;
import elasticnet.statistics.NumericColumns;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Reads the rows once more for the mean absolute error of all models together: no statistic of
 * bounded size holds it.
 */
final class AbsoluteErrorPass {

  /**
   * Measures.
   *
   * @param fits all folds of all repetitions, in their order
   * @return for each of the fits one mean absolute error for each penalty
   */
  List<double[]> measure(
      Dataset<Row> rows,
      List<String> features,
      String label,
      List<Folds> repetitions,
      List<FoldFit> fits) {
    PartitionAbsoluteErrors errors =
        new PartitionAbsoluteErrors(repetitions.stream().mapToInt(Folds::k).toArray(), fits);
    double[] sums =
        NumericColumns.of(repetitions, features, label)
            .arraysOf(rows)
            .mapPartitions(errors, rows.sparkSession().implicits().newDoubleArrayEncoder())
            .collectAsList()
            .stream()
            .reduce(AbsoluteErrorPass::sum)
            .orElseThrow();
    int models = fits.get(0).solutions().size();
    return IntStream.range(0, fits.size())
        .mapToObj(
            fit -> {
              double[] means = Arrays.copyOfRange(sums, fit * models, (fit + 1) * models);
              Arrays.setAll(means, model -> means[model] / fits.get(fit).validation().rows());
              return means;
            })
        .toList();
  }

  private static double[] sum(double[] left, double[] right) {
    double[] sum = left.clone();
    Arrays.setAll(sum, i -> left[i] + right[i]);
    return sum;
  }
}
