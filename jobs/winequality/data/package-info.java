/**
 * From a CSV to a Delta table at a version: described columns, checked rows, quarantined rows.
 *
 * <p>In: the description of the data set and a path. Out: an accepted table at a version, a
 * quarantine table with a reason for every row that was refused, counts that add up, and a profile
 * of the accepted rows. Dividing the rows into train and test is not done here.
 */
@NullMarked
package winequality.data;

import org.jspecify.annotations.NullMarked;
