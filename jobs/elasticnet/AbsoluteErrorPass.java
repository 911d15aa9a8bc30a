package elasticnet;

import elasticnet.encoding.RegressionColumns;
import elasticnet.solver.ElasticNetSolution;
import elasticnet.split.Folds;
import elasticnet.statistics.NumericColumns;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Reads the rows once more for the mean absolute errors, which statistics of fixed size cannot
 * give.
 */
final class AbsoluteErrorPass {

  private AbsoluteErrorPass() {}

  /** For each fit, in the order of the folds: one mean absolute error for each penalty. */
  static List<double[]> measure(
      Dataset<Row> rows, RegressionColumns columns, List<Folds> repetitions, List<FoldFit> fits) {
    int models = fits.get(0).solutions().size();
    int[] foldCounts = repetitions.stream().mapToInt(Folds::k).toArray();
    double[][] coefficients =
        fits.stream().map(fit -> columns(fit.solutions())).toArray(double[][]::new);
    NumericColumns read = NumericColumns.of(repetitions, columns);
    int first = read.first();
    double[] sums =
        read
            .arraysOf(rows)
            .mapPartitions(
                (MapPartitionsFunction<double[], double[]>)
                    partition -> sums(partition, foldCounts, first, models, coefficients),
                rows.sparkSession().implicits().newDoubleArrayEncoder())
            .collectAsList()
            .stream()
            .reduce(
                (left, right) -> {
                  Arrays.setAll(left, i -> left[i] + right[i]);
                  return left;
                })
            .orElseThrow();
    return IntStream.range(0, fits.size())
        .mapToObj(
            fit -> {
              double[] means = Arrays.copyOfRange(sums, fit * models, (fit + 1) * models);
              Arrays.setAll(means, model -> means[model] / fits.get(fit).validation().weight());
              return means;
            })
        .toList();
  }

  /** The intercepts of all models, then their coefficients, feature by feature. */
  private static double[] columns(List<ElasticNetSolution> models) {
    int features = models.get(0).features();
    double[] columns = new double[(features + 1) * models.size()];
    for (int m = 0; m < models.size(); m++) {
      columns[m] = models.get(m).intercept();
      for (int j = 0; j < features; j++) {
        columns[(j + 1) * models.size() + m] = models.get(m).coefficient(j);
      }
    }
    return columns;
  }

  private static Iterator<double[]> sums(
      Iterator<double[]> rows, int[] foldCounts, int first, int models, double[][] coefficients) {
    double[] sums = new double[coefficients.length * models];
    double[] predictions = new double[models];
    while (rows.hasNext()) {
      double[] row = rows.next();
      double label = row[row.length - 1];
      double weight = first > foldCounts.length ? row[foldCounts.length] : 1.0;
      int slots = 0;
      for (int r = 0; r < foldCounts.length; r++) {
        int slot = slots + (int) row[r];
        predict(coefficients[slot], row, first, predictions);
        for (int m = 0; m < models; m++) {
          sums[slot * models + m] += weight * Math.abs(label - predictions[m]);
        }
        slots += foldCounts[r];
      }
    }
    return List.of(sums).iterator();
  }

  private static void predict(double[] columns, double[] row, int from, double[] predictions) {
    int models = predictions.length;
    System.arraycopy(columns, 0, predictions, 0, models);
    for (int j = from; j < row.length - 1; j++) {
      double value = row[j];
      int start = (j - from + 1) * models;
      for (int m = 0; m < models; m++) {
        predictions[m] += value * columns[start + m];
      }
    }
  }
}
