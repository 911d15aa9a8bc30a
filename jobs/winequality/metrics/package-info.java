/**
 * How good a fitted model is: RMSE, MAE, R² and the mean baseline, how sure they are, and how two
 * models differ, each in one pass.
 *
 * <p>In: rows with label, one or two predictions and side of the split. Out: an evaluation of each
 * side, intervals of the figures, intervals of the differences. Whether a difference is enough is
 * not decided here.
 *
 * <p>Proven: against R, scikit-learn and simulations.
 */
@NullMarked
package winequality.metrics;

import org.jspecify.annotations.NullMarked;
