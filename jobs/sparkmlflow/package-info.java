/**
 * Logs, registers, fetches and loads Spark ML models in MLflow from the JVM, without Python.
 *
 * <p>In: settings or MLflow's environment variables, and a fitted pipeline. Out: a run with the
 * model, a registered version, or an exception that names the call, the answer and what to do.
 * Start with {@link sparkmlflow.PipelineLog} to log a whole model, or with {@link
 * sparkmlflow.MlflowConnection} for single steps. The caller decides what else its runs record.
 *
 * <p>Proven: against an MLflow server 3.17.2, with MLflow's Python as the reader ({@code
 * PipelineLogIT}), from another Maven project ({@code ConsumerProjectIT}). Databricks: against a
 * stand-in only.
 */
@NullMarked
package sparkmlflow;

import org.jspecify.annotations.NullMarked;
