/**
 * Count, weight, means and centred cross-products of the rows of each fold, collected in one pass.
 *
 * <p>In: rows, what a regression reads of them, and folds. Out: statistics that can be merged.
 * Nothing is solved here.
 *
 * <p>Proven: against scikit-learn and exact arithmetic (golden files).
 */
@NullMarked
package elasticnet.statistics;

import org.jspecify.annotations.NullMarked;
