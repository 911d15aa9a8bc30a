/**
 * What only a Databricks workspace has: logins, Unity Catalog, the Files API, artifact stores of
 * runs.
 *
 * <p>In: the settings of a workspace. Out: the same interfaces as for an MLflow server. Closed:
 * only this library uses it.
 *
 * <p>Proven: a stand-in only, which refuses what Databricks' and MLflow's sources say that a
 * workspace refuses. Nothing here has met a workspace.
 */
@NullMarked
package sparkmlflow.databricks;

import org.jspecify.annotations.NullMarked;
