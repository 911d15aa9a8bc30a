package elasticnet;

/** What makes one penalty better than another. */
public enum SelectionMeasure {
  /** Mean squared error over all validation rows, as R's cv.glmnet chooses. */
  MSE,
  /** Mean of the folds' RMSE, each fold counting the same, as Spark's CrossValidator chooses. */
  RMSE;

  Estimate of(PathPoint point) {
    return this == MSE ? point.mse() : point.rmse();
  }
}
