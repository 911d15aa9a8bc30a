/**
 * The profile of a table's columns: counts, quantiles, histogram.
 *
 * <p>In: a table at a version. Out: a profile, stored in another table.
 *
 * <p>Proven: on real Delta tables; figures against exact arithmetic.
 */
@NullMarked
package winequality.data.profile;

import org.jspecify.annotations.NullMarked;
