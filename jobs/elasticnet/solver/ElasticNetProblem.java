package elasticnet.solver;

import elasticnet.statistics.SufficientStatistics;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * The elastic net of one set of rows, in scaled coefficients γ = β·scale:
 *
 * <p>{@code ½γ'Gγ − c'γ + ½s² + λα‖γ‖₁ + λ(1−α)/(2s)·‖γ‖²}, G and c the covariances of the scaled
 * columns with each other and with the label, s the label's standard deviation, all divided by the
 * total weight n. For the best intercept this is Spark's and glmnet's {@code 1/(2n)·Σ(y−b0−xβ)² +
 * …}.
 */
public final class ElasticNetProblem {
  static final int COLUMNS_AT_ONCE = 8;

  private final SufficientStatistics statistics;
  private final double[] scales;
  private final double[] gram;
  private final double[] linear;

  /** The statistics are those of the features and, last, the label; of at least one row. */
  public ElasticNetProblem(SufficientStatistics statistics, ColumnScaling scaling) {
    this.statistics = statistics;
    int p = statistics.columns() - 1;
    double n = statistics.weight();
    this.scales = new double[p];
    this.gram = new double[p * p];
    this.linear = new double[p];
    for (int i = 0; i < p; i++) {
      double deviation = Math.sqrt(statistics.variance(i));
      // a constant column has products of 0, so any scale but 0 will do
      scales[i] = scaling == ColumnScaling.STANDARDIZED && deviation > 0.0 ? deviation : 1.0;
    }
    for (int i = 0; i < p; i++) {
      linear[i] = statistics.product(i, p) / (n * scales[i]);
      for (int j = i; j < p; j++) {
        double covariance = statistics.product(i, j) / (n * scales[i] * scales[j]);
        gram[i * p + j] = covariance;
        gram[j * p + i] = covariance;
      }
    }
  }

  int features() {
    return linear.length;
  }

  /** p × p, row by row; callers must not change it. */
  double[] gram() {
    return gram;
  }

  double variance(int feature) {
    return gram[feature * linear.length + feature];
  }

  /** Covariances with the label, length p; callers must not change it. */
  double[] linear() {
    return linear;
  }

  /** What a coefficient in the column's units is multiplied by. */
  double scale(int feature) {
    return scales[feature];
  }

  double labelVariance() {
    return statistics.variance(linear.length);
  }

  double labelDeviation() {
    return Math.sqrt(labelVariance());
  }

  /** The smallest L1 weight that makes every coefficient 0. */
  double largestCovariance() {
    return Arrays.stream(linear).map(Math::abs).reduce(0.0, Math::max);
  }

  /** The factor of G with a ridge on its diagonal, for these columns only. */
  CholeskyFactor factor(int[] active, IntToDoubleFunction ridge) {
    int size = active.length;
    double[][] matrix = new double[size][size];
    for (int a = 0; a < size; a++) {
      int start = active[a] * linear.length;
      for (int b = a; b < size; b++) {
        matrix[a][b] = gram[start + active[b]];
      }
      matrix[a][a] += ridge.applyAsDouble(active[a]);
    }
    return new CholeskyFactor(matrix);
  }

  /** Puts {@code c − Gγ − l2·γ}, the negative gradient of the smooth part, into an array. */
  void gradient(double[] scaled, double l2, double[] gradient) {
    System.arraycopy(linear, 0, gradient, 0, linear.length);
    int[] columns = new int[COLUMNS_AT_ONCE];
    double[] factors = new double[COLUMNS_AT_ONCE];
    int count = 0;
    for (int i = 0; i < scaled.length; i++) {
      if (scaled[i] != 0.0) {
        columns[count] = i;
        factors[count++] = scaled[i];
        gradient[i] -= l2 * scaled[i];
        if (count == COLUMNS_AT_ONCE) {
          subtractColumns(count, columns, factors, gradient);
          count = 0;
        }
      }
    }
    subtractColumns(count, columns, factors, gradient);
  }

  /**
   * Subtracts {@code factor · G} of at most {@link #COLUMNS_AT_ONCE} columns: eight together, which
   * reads and writes the target once, or fewer one by one.
   */
  void subtractColumns(int count, int[] columns, double[] factors, double[] target) {
    if (count == COLUMNS_AT_ONCE) {
      subtractAll(columns, factors, target);
      return;
    }
    for (int c = 0; c < count; c++) {
      int start = columns[c] * linear.length;
      double factor = factors[c];
      for (int j = 0; j < target.length; j++) {
        target[j] -= factor * gram[start + j];
      }
    }
  }

  private void subtractAll(int[] columns, double[] factors, double[] target) {
    int p = linear.length;
    int start0 = columns[0] * p;
    int start1 = columns[1] * p;
    int start2 = columns[2] * p;
    int start3 = columns[3] * p;
    int start4 = columns[4] * p;
    int start5 = columns[5] * p;
    int start6 = columns[6] * p;
    int start7 = columns[7] * p;
    double factor0 = factors[0];
    double factor1 = factors[1];
    double factor2 = factors[2];
    double factor3 = factors[3];
    double factor4 = factors[4];
    double factor5 = factors[5];
    double factor6 = factors[6];
    double factor7 = factors[7];
    for (int j = 0; j < target.length; j++) {
      target[j] -=
          ((factor0 * gram[start0 + j] + factor1 * gram[start1 + j])
                  + (factor2 * gram[start2 + j] + factor3 * gram[start3 + j]))
              + ((factor4 * gram[start4 + j] + factor5 * gram[start5 + j])
                  + (factor6 * gram[start6 + j] + factor7 * gram[start7 + j]));
    }
  }

  ElasticNetSolution solution(Penalty penalty, double[] scaled) {
    int p = linear.length;
    double[] coefficients = new double[p];
    double intercept = statistics.mean(p);
    for (int i = 0; i < p; i++) {
      coefficients[i] = scaled[i] / scales[i];
      intercept -= coefficients[i] * statistics.mean(i);
    }
    return new ElasticNetSolution(penalty, intercept, coefficients);
  }
}
