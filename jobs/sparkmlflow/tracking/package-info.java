/**
 * The tracking server's calls: experiments, runs, metrics, tags, data sets.
 *
 * <p>In: ids, names and values. Out: the server's answers as records. When a run is opened and
 * ended is decided in {@code run}.
 *
 * <p>Proven: against a real MLflow server ({@code RealMlflowIT}).
 */
@NullMarked
package sparkmlflow.tracking;

import org.jspecify.annotations.NullMarked;
