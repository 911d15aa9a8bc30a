/**
 * What people look at: plots of a training or tuning.
 *
 * <p>In: what earlier stages found. Out: PNG images. Nothing is read from the table or sent to a
 * server here.
 */
@NullMarked
package winequality.report;

import org.jspecify.annotations.NullMarked;
