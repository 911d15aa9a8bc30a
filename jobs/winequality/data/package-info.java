/**
 * The description of a data set, and what the packages below share.
 *
 * <p>In: settings. Out: names, units and ranges of columns; modes, counts and refusals of an
 * ingest; fingerprints; paths as Hadoop wants them.
 *
 * <p>Proven: see the packages below.
 */
@NullMarked
package winequality.data;

import org.jspecify.annotations.NullMarked;
