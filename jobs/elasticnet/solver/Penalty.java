package elasticnet.solver;

/**
 * How strongly the elastic net penalises which norm.
 *
 * @param elasticNetParam α, the share of the L1 penalty, from 0 (ridge) to 1 (lasso)
 * @param regParam λ, the size of the penalty, at least 0
 */
public record Penalty(double elasticNetParam, double regParam) {
  public Penalty {
    // written so that NaN fails too
    if (!(regParam >= 0.0 && regParam < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "regParam is " + regParam + "; it must be a finite number, 0 or more");
    }
    if (!(elasticNetParam >= 0.0 && elasticNetParam <= 1.0)) {
      throw new IllegalArgumentException(
          "elasticNetParam is %s; it must lie between 0 (ridge) and 1 (lasso)"
              .formatted(elasticNetParam));
    }
  }

  /** Weight of {@code ‖β‖₁}. */
  double l1() {
    return regParam * elasticNetParam;
  }

  /**
   * Weight of {@code ½‖β‖²}. The λ of Spark and glmnet applies to a label scaled to unit variance,
   * which divides the ridge part by the label's deviation (divisor n, above 0) and cancels in the
   * other parts.
   */
  double l2(double labelDeviation) {
    return regParam * (1.0 - elasticNetParam) / labelDeviation;
  }
}
