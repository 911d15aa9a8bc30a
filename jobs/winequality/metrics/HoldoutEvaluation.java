package winequality.metrics;

/** The evaluation of the rows that trained and of those that did not. */
public record HoldoutEvaluation(RegressionEvaluation train, RegressionEvaluation test) {}
