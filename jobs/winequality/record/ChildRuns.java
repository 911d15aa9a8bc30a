package winequality.record;

/** Which parts of a tuning get child runs. */
public enum ChildRuns {
  /** Each alpha, with its path as stepped metrics. */
  ALPHA,
  /** Each pair of alpha and lambda. */
  POINT,
  /** None: everything is in the tuning's run. */
  NONE
}
