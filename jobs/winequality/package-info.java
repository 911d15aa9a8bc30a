/**
 * The wine job. This package holds what all others share: the foreseen failures with their exit
 * codes, the names of the tags in MLflow, and texts made safe for pages and descriptions.
 *
 * <p>In: texts from outside. Out: the same as plain text; names and numbers that people script
 * against.
 *
 * <p>Proven: by {@code JobRunnerTest} and {@code TrainingIT}.
 */
@NullMarked
package winequality;

import org.jspecify.annotations.NullMarked;
