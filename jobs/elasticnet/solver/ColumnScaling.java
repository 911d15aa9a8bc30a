package elasticnet.solver;

/** What the penalty acts on. */
public enum ColumnScaling {
  /** Coefficients of columns scaled to unit variance (divisor n). */
  STANDARDIZED,
  /** Coefficients in the columns' units. */
  AS_IS;

  /** For the switch that MLlib and glmnet have. */
  public static ColumnScaling of(boolean standardization) {
    return standardization ? STANDARDIZED : AS_IS;
  }
}
