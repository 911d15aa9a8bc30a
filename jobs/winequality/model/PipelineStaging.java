package winequality.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a pipeline onto the driver's disk, and from there into Spark, by way of a folder that the
 * executors can use.
 *
 * <p>Spark's writer is used as it is: one job of one task for the pipeline's metadata, one for each
 * stage's and one for each table of a stage (a linear regression has one), so 4 jobs for assembler
 * and regression.
 *
 * <p>That a folder of a Databricks volume ({@code /Volumes/...}) serves as that folder, through
 * Hadoop's file system, is from reading its documentation only; mlflow#18668 reports that MLflow's
 * {@code load_model} fails with such a folder on DBR 17.3 in dedicated mode.
 */
final class PipelineStaging {

  private static final Logger LOG = LoggerFactory.getLogger(PipelineStaging.class);

  private final SparkSession spark;
  private final String stagingDir;

  PipelineStaging(SparkSession spark, ModelSettings settings) {
    this.spark = spark;
    this.stagingDir = settings.stagingDir();
  }

  /** Where the pipeline is staged, for a message. */
  String describe() {
    return stagingDir.isEmpty()
        ? "model.staging-dir is empty, so the driver's temporary folder was used"
        : "model.staging-dir is " + stagingDir;
  }

  /**
   * Saves a pipeline and copies it, without checksum files, to the driver's disk. The staged files
   * are deleted, also when this fails; a process that is killed outright leaves them behind.
   *
   * @param name unique, so that two jobs may share a staging folder
   * @param target where the pipeline's {@code metadata} and {@code stages} shall stand
   * @throws IllegalArgumentException if Spark runs on a cluster and no shared folder is set
   * @throws IllegalStateException if Spark could not save
   * @throws IOException if the files could not be copied
   */
  void save(PipelineModel pipeline, String name, java.nio.file.Path target) throws IOException {
    Path root = root(stagingDir, spark.sparkContext().master(), name);
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    FileSystem files = root.getFileSystem(hadoop);
    files.mkdirs(root);
    files.deleteOnExit(root); // for a job that is stopped by a signal
    try {
      Path staged = files.makeQualified(new Path(root, "pipeline"));
      saveStaged(pipeline, staged);
      copy(files, staged, target);
    } finally {
      delete(files, root);
    }
  }

  /**
   * Loads a pipeline from the driver's disk by way of a folder that the executors can read.
   *
   * @param name unique, so that two jobs may share a staging folder
   * @throws IllegalArgumentException if Spark runs on a cluster and no shared folder is set
   * @throws IOException if the files could not be staged
   */
  PipelineModel load(java.nio.file.Path pipeline, String name) throws IOException {
    if (stagingDir.isEmpty() && isOneMachine(spark.sparkContext().master())) {
      return PipelineModel.read().session(spark).load(pipeline.toUri().toString());
    }
    Path root = root(stagingDir, spark.sparkContext().master(), name);
    FileSystem files = root.getFileSystem(spark.sparkContext().hadoopConfiguration());
    files.mkdirs(root);
    files.deleteOnExit(root);
    try {
      Path staged = files.makeQualified(new Path(root, "pipeline"));
      files.copyFromLocalFile(new Path(pipeline.toUri()), staged);
      // what a model needs of its files is on the driver when this returns
      return PipelineModel.read().session(spark).load(staged.toString());
    } finally {
      delete(files, root);
    }
  }

  private void saveStaged(PipelineModel pipeline, Path staged) {
    try {
      pipeline.write().session(spark).save(staged.toString());
    } catch (Exception e) { // Scala throws checked exceptions that Java does not see declared
      throw new IllegalStateException(
          "Spark could not save the pipeline to "
              + staged
              + ": "
              + e.getMessage()
              + ". Driver and executors must be able to write there; "
              + describe(),
          e);
    }
  }

  /**
   * The folder to stage in.
   *
   * @throws IllegalArgumentException if executors are other processes and no shared folder is set
   */
  static Path root(String stagingDir, String master, String name) throws IOException {
    if (!stagingDir.isEmpty()) {
      return new Path(stagingDir, "model-" + name);
    }
    if (isOneMachine(master)) {
      // by URI: a path without a scheme would belong to the cluster's default file system
      return new Path(Files.createTempDirectory("model-" + name).toUri());
    }
    throw new IllegalArgumentException(
        "model.staging-dir is empty, but Spark runs on "
            + master
            + ", whose executors cannot write to the driver's disk; set it to a folder that driver"
            + " and executors share, such as hdfs:///tmp, s3a://bucket/tmp or"
            + " /Volumes/catalog/schema/volume/tmp");
  }

  private static boolean isOneMachine(String master) {
    return master.equals("local") || master.startsWith("local[");
  }

  /** Copies all files below a staged folder but checksums. */
  static void copy(FileSystem files, Path staged, java.nio.file.Path target) throws IOException {
    String prefix = staged.toUri().getPath() + "/";
    RemoteIterator<LocatedFileStatus> all = files.listFiles(staged, true);
    while (all.hasNext()) {
      LocatedFileStatus file = all.next();
      String path = file.getPath().toUri().getPath();
      if (!path.startsWith(prefix)) {
        throw new IOException(
            "Listing " + staged + " gave the file " + path + ", which is not below it");
      }
      if (path.endsWith(".crc")) {
        continue; // checksums of a file system that is not the consumer's
      }
      java.nio.file.Path local = target.resolve(path.substring(prefix.length()));
      Files.createDirectories(Objects.requireNonNull(local.getParent()));
      try (InputStream in = files.open(file.getPath())) {
        long copied = Files.copy(in, local);
        if (copied != file.getLen()) {
          throw new IOException(
              "Copied " + copied + " of " + file.getLen() + " bytes of " + file.getPath());
        }
      }
    }
  }

  private static void delete(FileSystem files, Path root) {
    try {
      files.delete(root, true);
      files.cancelDeleteOnExit(root);
    } catch (IOException e) {
      LOG.warn("Could not delete the staging folder {}; delete it by hand", root, e);
    }
  }
}
