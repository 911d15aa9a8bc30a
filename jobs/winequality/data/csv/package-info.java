/**
 * CSV files, read once and row by row: found, divided into fields, checked against the description.
 *
 * <p>In: a path and the description. Out: accepted values, refused rows with rule and reason, a
 * tally for each file. Nothing is written here.
 *
 * <p>Proven: on damaged files made at random ({@code DamagedCsvPropertyTest}) and on public tables.
 */
@NullMarked
package winequality.data.csv;

import org.jspecify.annotations.NullMarked;
