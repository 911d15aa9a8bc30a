/**
 * Evaluates fitted models in one pass: RMSE, MAE, R² and the mean baseline with their intervals and
 * the profile of the errors, or the difference between two models. Measures the drift of new rows.
 *
 * <p>In: rows with label, one or two predictions and side of the split; for the drift, rows and an
 * earlier profile. Out: an evaluation of each side, intervals of the figures or the differences,
 * the drift of each column. The gate decides whether a difference is enough.
 *
 * <p>Proven: against R, scikit-learn and simulations.
 */
@NullMarked
package winequality.metrics;

import org.jspecify.annotations.NullMarked;
