package elasticnet.solver;

import elasticnet.statistics.SufficientStatistics;
import java.util.Arrays;

/** Intercept and coefficients at one penalty, in the columns' units. */
public final class ElasticNetSolution {

  private final Penalty penalty;
  private final double intercept;
  private final double[] coefficients;

  public ElasticNetSolution(Penalty penalty, double intercept, double[] coefficients) {
    this.penalty = penalty;
    this.intercept = intercept;
    this.coefficients = coefficients.clone();
  }

  public Penalty penalty() {
    return penalty;
  }

  /** In the label's unit. */
  public double intercept() {
    return intercept;
  }

  /** Label units per unit of this column; exactly 0 if the penalty has removed it. */
  public double coefficient(int feature) {
    return coefficients[feature];
  }

  public int features() {
    return coefficients.length;
  }

  public int nonZero() {
    return (int) Arrays.stream(coefficients).filter(value -> value != 0.0).count();
  }

  /**
   * Sum of this solution's squared errors on rows, from their statistics: {@code Σ(y−b0−xβ)² =
   * Σ(e−ē)² + n·ē²}, n the total weight. The mean error ē follows from the differences of the
   * means, because the intercept makes the mean error of the fitted rows 0.
   *
   * <p>The first term is a quadratic form of the centred products. Its rounding error is relative
   * to {@code Σ(y−ȳ)²}: a fit with an R² of 1 − 10⁻ᵈ keeps about 15 − d digits here.
   *
   * @param fitted statistics of the fitted rows
   */
  public double squaredError(SufficientStatistics rows, SufficientStatistics fitted) {
    int p = coefficients.length;
    double[] weights = new double[p + 1];
    double meanError = rows.meanDifference(fitted, p);
    for (int i = 0; i < p; i++) {
      weights[i] = -coefficients[i];
      meanError -= coefficients[i] * rows.meanDifference(fitted, i);
    }
    weights[p] = 1.0;
    return rows.variation(weights) + rows.weight() * meanError * meanError;
  }
}
