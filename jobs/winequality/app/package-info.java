/**
 * The jobs and what they share: command line, stages in order, result file, exit code.
 *
 * <p>In: the command line's words. Out: an exit code, or an exception on Databricks, and the result
 * file. A public class called {@code Job} is a command: it has the {@code main} and does the work,
 * in a Spark session or on the driver alone. {@link winequality.app.Training} has the stages of a
 * training in their order. The stages do the work; this package passes the result of one to the
 * next and knows them all. Nobody depends on it.
 */
@NullMarked
package winequality.app;

import org.jspecify.annotations.NullMarked;
