/**
 * Benchmarks of the tuner beside its peers.
 *
 * <p>In go the files that {@code src/bench/peers/generate.py} wrote, out go seconds. What the
 * numbers must be is not checked here: they are read by a person, in the table that {@code
 * src/bench/run} prints.
 */
@NullMarked
package winequality.bench;

import org.jspecify.annotations.NullMarked;
