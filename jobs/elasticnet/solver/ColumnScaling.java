package elasticnet.solver;

/** What the penalty acts on. */
public enum ColumnScaling {
  /** Coefficients of columns scaled to unit variance (divisor n). */
  STANDARDIZED,
  /** Coefficients in the columns' own units. */
  AS_IS;

  /** As MLlib's and glmnet's switch means it. */
  public static ColumnScaling of(boolean standardization) {
    return standardization ? STANDARDIZED : AS_IS;
  }
}
