/**
 * The run: opened or adopted, filled with parameters, metrics, tags, data set inputs and artifacts,
 * and always ended.
 *
 * <p>In: what the stages found. Out: a run that is FINISHED or FAILED. Versions are made in {@code
 * registry}.
 */
@NullMarked
package sparkmlflow.run;

import org.jspecify.annotations.NullMarked;
