/**
 * Files of runs and versions: listed, uploaded, downloaded, compared with the listing.
 *
 * <p>In: a folder on this machine. Out: a {@link sparkmlflow.artifacts.VerifiedFolder} that the
 * server lists completely, or a folder that holds all that the server lists. Storage that only a
 * workspace has is in {@code databricks}.
 *
 * <p>Proven: proxied and shared artifacts against a real MLflow server; Hadoop file systems by a
 * file system of the tests.
 */
@NullMarked
package sparkmlflow.artifacts;

import org.jspecify.annotations.NullMarked;
