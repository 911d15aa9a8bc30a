/**
 * Where Spark saves a pipeline before the driver reads it: a folder that driver and executors
 * share.
 *
 * <p>In: a pipeline and a staging folder. Out: the pipeline's files on the driver's disk, or the
 * pipeline loaded from there.
 *
 * <p>Proven: local disks and a standalone cluster ({@code ClusterIT}). Databricks volumes: only
 * with a file system that imitates them in tests.
 */
@NullMarked
package sparkmlflow.model.staging;

import org.jspecify.annotations.NullMarked;
