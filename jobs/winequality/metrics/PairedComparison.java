package winequality.metrics;

/**
 * How much the errors of two models differ on the same rows: challenger less champion, in the
 * label's unit. Below 0 the challenger is better. Chance does not explain a difference whose
 * interval excludes 0.
 *
 * @param groups resampled units: distinct feature rows, or groups of them
 */
public record PairedComparison(long rows, int groups, Interval rmse, Interval mae) {}
