/**
 * Which rows train and which rows test: decided by a hash of the feature values.
 *
 * <p>In: feature columns, a share and a seed. Out: a Spark SQL predicate that is true for exactly
 * the train rows. No row is read here.
 */
@NullMarked
package elasticnet.split;

import org.jspecify.annotations.NullMarked;
