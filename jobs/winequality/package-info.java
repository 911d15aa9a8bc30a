/**
 * The wine job. Here is what all of its packages share: the failures that it foresees with their
 * exit codes, and the names of its tags in MLflow.
 *
 * <p>In: nothing. Out: names and numbers that people script against.
 *
 * <p>Proven: by {@code JobRunnerTest} and {@code TrainingIT}.
 */
@NullMarked
package winequality;

import org.jspecify.annotations.NullMarked;
