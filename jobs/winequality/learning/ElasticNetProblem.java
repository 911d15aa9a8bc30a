package winequality.learning;

/**
 * The elastic net of one set of rows, in scaled coefficients γ = β·scale:
 *
 * <p>{@code ½γ'Gγ − c'γ + ½s² + λα‖γ‖₁ + λ(1−α)/(2s)·‖γ‖²}, G and c the covariances (divisor n) of
 * the scaled columns with each other and with the label, s the label's standard deviation (divisor
 * n). For the best intercept this is Spark's and glmnet's {@code 1/(2n)·Σ(y−b0−xβ)² + …}.
 */
final class ElasticNetProblem {

  private final SufficientStatistics statistics;
  private final double[] scales;
  private final double[] gram;
  private final double[] linear;

  /**
   * @param statistics of the features and, last, the label; at least one row
   */
  ElasticNetProblem(SufficientStatistics statistics, ColumnScaling scaling) {
    this.statistics = statistics;
    int p = statistics.columns() - 1;
    double n = statistics.rows();
    this.scales = new double[p];
    this.gram = new double[p * p];
    this.linear = new double[p];
    for (int i = 0; i < p; i++) {
      double deviation = Math.sqrt(statistics.variance(i));
      // a constant column has no products either, so that any scale but 0 will do
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

  /** p × p, row by row; not to be changed. */
  double[] gram() {
    return gram;
  }

  double variance(int feature) {
    return gram[feature * linear.length + feature];
  }

  /** Covariances with the label, length p; not to be changed. */
  double[] linear() {
    return linear;
  }

  double labelVariance() {
    return statistics.variance(linear.length);
  }

  double labelDeviation() {
    return Math.sqrt(labelVariance());
  }

  /** The smallest L1 weight that makes every coefficient 0. */
  double largestCovariance() {
    double largest = 0.0;
    for (double covariance : linear) {
      largest = Math.max(largest, Math.abs(covariance));
    }
    return largest;
  }

  /**
   * Writes {@code c − Gγ − l2·γ}, the negative gradient of the smooth part, computed afresh.
   *
   * @param scaled γ, length p
   * @param l2 weight of the ridge part
   * @param gradient receives the result, length p
   */
  void gradient(double[] scaled, double l2, double[] gradient) {
    int p = linear.length;
    System.arraycopy(linear, 0, gradient, 0, p);
    for (int i = 0; i < p; i++) {
      if (scaled[i] != 0.0) {
        subtractColumn(i, scaled[i], gradient);
        gradient[i] -= l2 * scaled[i];
      }
    }
  }

  /** Subtracts {@code factor · G} of one column. */
  void subtractColumn(int feature, double factor, double[] target) {
    int start = feature * linear.length;
    for (int j = 0; j < target.length; j++) {
      target[j] -= factor * gram[start + j];
    }
  }

  /** The solution in the columns' own units, with the intercept that belongs to it. */
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
