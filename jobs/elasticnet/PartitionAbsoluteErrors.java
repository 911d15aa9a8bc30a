package elasticnet;

import elasticnet.solver.ElasticNetSolution;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;

/**
 * Sums of one partition's absolute errors, for each fold of each repetition and each model, in one
 * array; the models' coefficients travel with the function.
 */
final class PartitionAbsoluteErrors implements MapPartitionsFunction<double[], double[]> {
  private static final long serialVersionUID = 1L;

  private final int[] foldCounts;
  private final int models;
  private final int features;

  /**
   * For each fold of each repetition: the intercepts of all models, then all models' coefficients
   * of the first feature, and so on.
   */
  private final double[][] coefficients;

  PartitionAbsoluteErrors(int[] foldCounts, List<FoldFit> fits) {
    this.foldCounts = foldCounts.clone();
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
