/**
 * The main classes and what they share: command line, stages in order, result file, exit code.
 *
 * <p>In: the command line's words. Out: an exit code, or an exception on Databricks, and the result
 * file. The stages do the work; this package passes the result of one to the next and knows them
 * all. Nobody depends on it.
 */
@NullMarked
package winequality.app;

import org.jspecify.annotations.NullMarked;
