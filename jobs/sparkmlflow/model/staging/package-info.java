/**
 * Where Spark saves a pipeline before the driver reads it: a folder that driver and executors
 * share.
 *
 * <p>In: a staging folder. Out: where Spark saves or loads a pipeline, and the pipeline's files
 * copied from there to the driver's disk or back. The package {@code model} calls Spark.
 *
 * <p>Proven: local disks and a standalone cluster ({@code ClusterIT}). Databricks volumes: only
 * with a file system that imitates them in tests.
 */
@NullMarked
package sparkmlflow.model.staging;

import org.jspecify.annotations.NullMarked;
