package sparkmlflow.model;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.ml.param.ParamPair;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.model.staging.HadoopStagingFolder;
import sparkmlflow.model.staging.StagingFolder;
import sparkmlflow.model.staging.VolumeStagingFolder;

/**
 * Copies a pipeline between Spark and the driver's disk, through a folder that the executors share.
 *
 * <p>Spark's writer runs one job of one task for the metadata of the pipeline and of each stage,
 * and one for each table of a stage: 4 jobs for an assembler and a linear regression.
 */
final class PipelineStaging {
  private final SparkSession spark;
  private final ModelSettings settings;
  private final String fallback;
  private final java.nio.file.Path disk;

  /**
   * @param fallback scheme of the default file system
   * @param disk root of the driver's disk; another one in tests, which have no workspace
   */
  PipelineStaging(
      SparkSession spark, ModelSettings settings, String fallback, java.nio.file.Path disk) {
    this.spark = spark;
    this.settings = settings;
    this.fallback = fallback;
    this.disk = disk;
  }

  PipelineStaging(SparkSession spark, ModelSettings settings) {
    this(
        spark,
        settings,
        String.valueOf(
            FileSystem.getDefaultUri(spark.sparkContext().hadoopConfiguration()).getScheme()),
        java.nio.file.Path.of("/"));
  }

  String describe() {
    return settings.stagingDir().isEmpty()
        ? "no staging folder is set, so the driver's temporary folder was used"
        : "the staging folder is " + settings.stagingDir();
  }

  /**
   * Saves a pipeline and copies it, without checksum files, to the driver's disk. The staged files
   * are deleted even after a failure; only a killed process leaves them behind.
   *
   * @param name unique, so that two jobs may share a staging folder
   * @throws IllegalArgumentException if Spark runs on a cluster and no shared folder is set
   * @throws IllegalStateException if Spark could not save
   * @throws IOException if the files could not be copied
   */
  void save(PipelineModel pipeline, String name, java.nio.file.Path target) throws IOException {
    StagingFolder folder = folder(name);
    try {
      saveStaged(pipeline, folder.pipeline());
      folder.fetch(target);
    } finally {
      folder.delete();
    }
  }

  /** Loads a pipeline from the driver's disk; names and failures are those of {@link #save}. */
  PipelineModel load(java.nio.file.Path pipeline, String name) throws IOException {
    if (settings.stagingDir().isEmpty() && isOneMachine(spark.sparkContext().master())) {
      return read(pipeline.toUri().toString());
    }
    StagingFolder folder = folder(name);
    try {
      folder.bring(pipeline);
      // the driver has read all files when this returns
      return read(folder.pipeline());
    } finally {
      folder.delete();
    }
  }

  private PipelineModel read(String pipeline) {
    return inMemory(PipelineModel.read().session(spark).load(pipeline));
  }

  private PipelineModel inMemory(PipelineModel loaded) {
    return new PipelineModel(
        loaded.uid(),
        Arrays.stream(loaded.stages())
            .map(
                stage ->
                    stage instanceof ImputerModel imputer
                        ? inMemory(imputer)
                        : stage instanceof PipelineModel inner ? inMemory(inner) : stage)
            .toArray(Transformer[]::new));
  }

  /**
   * On Spark 4.0, a loaded {@code ImputerModel} would read its surrogates from its files at each
   * use.
   */
  private ImputerModel inMemory(ImputerModel loaded) {
    Constructor<ImputerModel> ofSpark40;
    try {
      ofSpark40 = ImputerModel.class.getConstructor(String.class, Dataset.class);
    } catch (NoSuchMethodException e) {
      return loaded; // Spark 4.1 holds them in memory
    }
    Dataset<Row> surrogates = loaded.surrogateDF();
    ImputerModel copy;
    try {
      copy =
          ofSpark40.newInstance(
              loaded.uid(), spark.createDataFrame(surrogates.collectAsList(), surrogates.schema()));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("MLlib's ImputerModel could not be copied", e);
    }
    for (ParamPair<?> pair : loaded.extractParamMap().toList()) {
      if (loaded.isSet(pair.param())) {
        copy.set(pair);
      }
    }
    return copy;
  }

  private StagingFolder folder(String name) throws IOException {
    Path root = root(settings.stagingDir(), spark.sparkContext().master(), name);
    Optional<StagingFolder> volume = VolumeStagingFolder.of(root, fallback, disk);
    return volume.isPresent()
        ? volume.get()
        : new HadoopStagingFolder(root, spark.sparkContext().hadoopConfiguration());
  }

  private void saveStaged(PipelineModel pipeline, String staged) {
    try {
      pipeline.write().session(spark).save(staged);
    } catch (Exception e) { // Scala throws checked exceptions that Java does not see declared
      throw new IllegalStateException(
          "Spark could not save the pipeline to %s: %s. Driver and executors must be able to write there; %s"
              .formatted(staged, e.getMessage(), describe()),
          e);
    }
  }

  /** Throws IllegalArgumentException if executors run elsewhere and no shared folder is set. */
  static Path root(String stagingDir, String master, String name) throws IOException {
    if (!stagingDir.isEmpty()) {
      return new Path(stagingDir, "model-" + name);
    }
    if (isOneMachine(master)) {
      // with a scheme: without one, Hadoop resolves a path in the default file system
      return new Path(Files.createTempDirectory("model-" + name).toUri());
    }
    throw new IllegalArgumentException(
        "No staging folder is set, but Spark runs on %s, whose executors cannot write to the driver's disk; set one that driver and executors share, such as hdfs:///tmp, s3a://bucket/tmp or /Volumes/catalog/schema/volume/tmp"
            .formatted(master));
  }

  private static boolean isOneMachine(String master) {
    return master.equals("local") || master.startsWith("local[");
  }
}
