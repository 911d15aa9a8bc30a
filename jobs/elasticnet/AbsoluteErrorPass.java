package elasticnet;

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
 * Reads the rows once more for the mean absolute errors of all models, which no statistic of
 * bounded size can give.
 */
final class AbsoluteErrorPass {

  private AbsoluteErrorPass() {}

  /**
   * Measures all models together.
   *
   * @param fits all folds of all repetitions, in their order
   * @return for each fit, one mean absolute error for each penalty
   */
  static List<double[]> measure(
      Dataset<Row> rows,
      List<String> features,
      String label,
      List<Folds> repetitions,
      List<FoldFit> fits) {
    double[] sums =
        NumericColumns.of(repetitions, features, label)
            .arraysOf(rows)
            .mapPartitions(
                new PartitionSums(repetitions.stream().mapToInt(Folds::k).toArray(), fits),
                rows.sparkSession().implicits().newDoubleArrayEncoder())
            .collectAsList()
            .stream()
            .reduce(
                (left, right) -> {
                  Arrays.setAll(left, i -> left[i] + right[i]);
                  return left;
                })
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

  /**
   * Sums of one partition's absolute errors in one array, by fit and model; the models'
   * coefficients travel with the function.
   */
  private static final class PartitionSums implements MapPartitionsFunction<double[], double[]> {
    private static final long serialVersionUID = 1L;

    private final int[] foldCounts;
    private final int models;
    private final int features;

    /** For each fit: the intercepts of all models, then their coefficients, feature by feature. */
    private final double[][] coefficients;

    PartitionSums(int[] foldCounts, List<FoldFit> fits) {
      this.foldCounts = foldCounts;
      this.models = fits.get(0).solutions().size();
      this.features = fits.get(0).solutions().get(0).features();
      this.coefficients = fits.stream().map(this::columns).toArray(double[][]::new);
    }

    private double[] columns(FoldFit fit) {
      double[] columns = new double[(features + 1) * models];
      for (int m = 0; m < models; m++) {
        ElasticNetSolution solution = fit.solutions().get(m);
        columns[m] = solution.intercept();
        for (int j = 0; j < features; j++) {
          columns[(j + 1) * models + m] = solution.coefficient(j);
        }
      }
      return columns;
    }

    @Override
    public Iterator<double[]> call(Iterator<double[]> rows) {
      double[] sums = new double[coefficients.length * models];
      double[] predictions = new double[models];
      while (rows.hasNext()) {
        double[] row = rows.next();
        int slots = 0;
        for (int r = 0; r < foldCounts.length; r++) {
          int slot = slots + (int) row[r];
          predict(coefficients[slot], row, predictions);
          double label = row[row.length - 1];
          for (int m = 0; m < models; m++) {
            sums[slot * models + m] += Math.abs(label - predictions[m]);
          }
          slots += foldCounts[r];
        }
      }
      return List.of(sums).iterator();
    }

    private void predict(double[] columns, double[] row, double[] predictions) {
      System.arraycopy(columns, 0, predictions, 0, models);
      for (int j = 0; j < features; j++) {
        double value = row[foldCounts.length + j];
        int start = (j + 1) * models;
        for (int m = 0; m < models; m++) {
          predictions[m] += value * columns[start + m];
        }
      }
    }
  }
}
