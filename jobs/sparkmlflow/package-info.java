/**
 * Logs, registers, fetches and loads Spark ML models in MLflow from the JVM, without Python.
 *
 * <p>In: settings or MLflow's environment variables, and a fitted pipeline. Out: a run with the
 * model, a registered version, or an exception that says what was asked, what came back and what to
 * do. The entries are {@link sparkmlflow.PipelineLog} for a whole model and {@link
 * sparkmlflow.MlflowConnection} for single steps. What a job records of its training is not decided
 * here.
 *
 * <p>Proven: against an MLflow server 3.17.2 with MLflow's Python as the reader ({@code
 * PipelineLogIT}). Databricks: a stand-in only.
 */
@NullMarked
package sparkmlflow;

import org.jspecify.annotations.NullMarked;
