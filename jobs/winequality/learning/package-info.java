/**
 * The elastic net: fitted by MLlib's linear regression.
 *
 * <p>In: the train rows with their feature and label columns. Out: a fitted pipeline with its
 * coefficients in the columns' own units. Errors are measured in {@code metrics}, not here.
 */
@NullMarked
package winequality.learning;

import org.jspecify.annotations.NullMarked;
