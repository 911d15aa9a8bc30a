/**
 * Finds CSV files, reads them once, splits their rows and checks them against the description.
 *
 * <p>In: a path and the description. Out: accepted values, refused rows with rule and reason, a
 * tally for each file. Nothing is written here.
 *
 * <p>Proven: on randomly damaged files ({@code DamagedCsvPropertyTest}) and on public tables.
 */
@NullMarked
package winequality.data.csv;

import org.jspecify.annotations.NullMarked;
