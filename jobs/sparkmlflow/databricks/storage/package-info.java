/**
 * Cloud storage with credentials that the workspace vends: signed URLs, S3, Google Cloud Storage,
 * Azure.
 *
 * <p>In: vended credentials and a file. Out: the file in the store, or on this machine. The
 * workspace's own login never goes to storage. Closed: only this library uses it.
 *
 * <p>Proven: signatures against AWS' own library (golden file); the stores: a stand-in only.
 */
@NullMarked
package sparkmlflow.databricks.storage;

import org.jspecify.annotations.NullMarked;
