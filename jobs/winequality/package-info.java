/**
 * The wine job. This package holds what all others share: the foreseen failures with their exit
 * codes, and the names of the tags in MLflow.
 *
 * <p>In: nothing. Out: names and numbers that people script against.
 *
 * <p>Proven: by {@code JobRunnerTest} and {@code TrainingIT}.
 */
@NullMarked
package winequality;

import org.jspecify.annotations.NullMarked;
