/**
 * What only a Databricks workspace has: logins, Unity Catalog, the Files API, artifact stores of
 * runs.
 *
 * <p>In: the settings of a workspace. Out: the same interfaces as for an MLflow server. Closed:
 * only this library uses it.
 *
 * <p>Proven: only against a stand-in, which rejects what a workspace rejects according to
 * Databricks' and MLflow's sources. Nothing here has met a workspace.
 */
@NullMarked
package sparkmlflow.databricks;

import org.jspecify.annotations.NullMarked;
