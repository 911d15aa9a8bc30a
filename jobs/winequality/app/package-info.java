/**
 * The main classes, one for each command.
 *
 * <p>In: the command line. Out: an exit code, or an exception on Databricks, and the result file.
 * The stages do the work; this package calls them in their order. Nothing depends on it.
 *
 * <p>Proven: by spark-submit on one machine and on a standalone cluster, against a real MLflow
 * server. Not yet as a JAR task of a workspace.
 */
@NullMarked
package winequality.app;

import org.jspecify.annotations.NullMarked;
