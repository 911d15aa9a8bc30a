/**
 * Evaluates fitted models: RMSE, MAE, R² and the mean baseline with their intervals and the profile
 * of the errors, or the difference between two models; each in one pass.
 *
 * <p>In: rows with label, one or two predictions and side of the split. Out: an evaluation of each
 * side, intervals of the figures, intervals of the differences. The gate decides whether a
 * difference is enough.
 *
 * <p>Proven: against R, scikit-learn and simulations.
 */
@NullMarked
package winequality.metrics;

import org.jspecify.annotations.NullMarked;
