/**
 * The contestants of {@code src/bench/bench.py} that run on the JVM.
 *
 * <p>In go the files that {@code src/bench/peers/generate.py} wrote, out go seconds. What the
 * numbers must be is not checked here: a person reads them in the table that {@code bench.py}
 * prints.
 */
package winequality.bench;
