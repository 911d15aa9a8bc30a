/**
 * How good a fitted model is: RMSE, MAE, R² and the mean baseline, in one pass.
 *
 * <p>In: rows with label, prediction and side of the split. Out: an evaluation of each side.
 */
@NullMarked
package winequality.metrics;

import org.jspecify.annotations.NullMarked;
