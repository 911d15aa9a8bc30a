package winequality.metrics;

/**
 * How much the errors of two models differ on the same rows: challenger less champion, so that
 * below 0 the challenger is better. An interval without 0 in it shows a difference that chance does
 * not explain.
 *
 * @param confidence of both intervals, such as 0.95
 * @param rows that both models predicted
 * @param groups distinct feature rows, or the groups of them, that were weighted
 * @param rmse difference of the RMSE, in the label's unit
 * @param mae difference of the mean absolute errors, in the label's unit
 */
public record PairedComparison(
    double confidence, long rows, int groups, Interval rmse, Interval mae) {}
