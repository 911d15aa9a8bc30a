/**
 * A run: opened or adopted, filled, and always ended.
 *
 * <p>In: parameters, metrics, tags, data sets, files. Out: a run that is FINISHED or FAILED, or
 * KILLED by a later job after a SIGKILL; a folder of the {@link sparkmlflow.run.Outbox} if the work
 * is done and the server cannot take it. Versions are made in {@code registry}.
 *
 * <p>Proven: against a real MLflow server, also when the JVM gets SIGTERM or SIGKILL ({@code
 * RealMlflowIT}, {@code SparkSubmitIT}) and when the server goes away ({@code OutboxIT}).
 */
@NullMarked
package sparkmlflow.run;

import org.jspecify.annotations.NullMarked;
