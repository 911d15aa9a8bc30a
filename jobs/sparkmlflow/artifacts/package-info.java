/**
 * Lists, uploads and downloads the files of runs and versions and compares them with the listing.
 *
 * <p>In: a folder on this machine. Out: a {@link sparkmlflow.artifacts.VerifiedFolder} that the
 * server lists completely, or a local folder with all files that the server lists. The package
 * {@code databricks} has the stores of a workspace.
 *
 * <p>Proven: proxied and shared artifacts against a real MLflow server; Hadoop file systems against
 * a file system of the tests.
 */
@NullMarked
package sparkmlflow.artifacts;

import org.jspecify.annotations.NullMarked;
