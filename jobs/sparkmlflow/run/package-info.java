/**
 * A run: opened or adopted, filled, and always ended.
 *
 * <p>In: parameters, metrics, tags, data sets, files. Out: a run that is FINISHED or FAILED.
 * Versions are made in {@code registry}.
 *
 * <p>Proven: against a real MLflow server, also when the JVM gets SIGTERM ({@code RealMlflowIT},
 * {@code SparkSubmitIT}).
 */
@NullMarked
package sparkmlflow.run;

import org.jspecify.annotations.NullMarked;
