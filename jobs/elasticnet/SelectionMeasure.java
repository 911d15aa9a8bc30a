package elasticnet;

/** What makes one penalty better than another. */
public enum SelectionMeasure {
  /** Mean squared error over all validation rows, as in R's cv.glmnet. */
  MSE,
  /** Mean of the folds' RMSE with equal weights, as in Spark's CrossValidator. */
  RMSE;

  Estimate of(PathPoint point) {
    return this == MSE ? point.mse() : point.rmse();
  }
}
