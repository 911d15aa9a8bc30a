/**
 * Where Spark saves a pipeline before the driver reads it: a folder that driver and executors
 * share.
 *
 * <p>In: a pipeline and a staging folder. Out: the pipeline's files on the driver's disk, or the
 * pipeline loaded from there.
 *
 * <p>Proven: local disks and a standalone cluster ({@code ClusterIT}). Volumes of a workspace: a
 * file system of the tests only.
 */
@NullMarked
package sparkmlflow.model.staging;

import org.jspecify.annotations.NullMarked;
