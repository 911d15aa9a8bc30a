package winequality.record;

/** Which parts of a tuning get a run of their own below its run. */
public enum ChildRuns {
  /** Each mixture, with the course of its path as stepped metrics. */
  ALPHA,
  /** Each mixture and penalty. */
  POINT,
  /** None: the tuning's run has it all. */
  NONE
}
