/**
 * The tracking server's calls: experiments, runs, params, metrics, tags, data sets, logged models,
 * lists of files.
 *
 * <p>In: ids, names and values. Out: the server's answers as records. The package {@code run}
 * decides when a run starts and ends.
 *
 * <p>Proven: against a real MLflow server ({@code RealMlflowIT}).
 */
@NullMarked
package sparkmlflow.tracking;

import org.jspecify.annotations.NullMarked;
