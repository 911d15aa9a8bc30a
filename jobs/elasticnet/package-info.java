/**
 * The elastic net: fitted by MLlib's linear regression, and cross-validated on sufficient
 * statistics.
 *
 * <p>In: the train rows with their feature and label columns. Out: a fitted pipeline with its
 * coefficients in the columns' own units; a path of penalties with the error of each on rows it was
 * not fitted to. Errors on the test side are measured in {@code metrics}, not here.
 */
@NullMarked
package elasticnet;

import org.jspecify.annotations.NullMarked;
