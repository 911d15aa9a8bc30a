/**
 * The main classes, one for each command.
 *
 * <p>In: the command line's words. Out: an exit code, or an exception on Databricks, and the result
 * file. The stages do the work; this package calls them in their order. Nobody depends on it.
 *
 * <p>Proven: by spark-submit on one machine and on a standalone cluster, against a real MLflow
 * server. As a JAR task of a workspace: not yet.
 */
@NullMarked
package winequality.app;

import org.jspecify.annotations.NullMarked;
