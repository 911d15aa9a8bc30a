package sparkmlflow.model;

import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.DamagedFilesException;

/** Loads the Spark pipeline of a model folder, on one machine or on a cluster. */
public final class PipelineLoader {
  private final SparkSession spark;
  private final ModelSettings settings;

  public PipelineLoader(SparkSession spark, ModelSettings settings) {
    this.spark = spark;
    this.settings = settings;
  }

  /**
   * The model, ready to predict; its files are no longer needed.
   *
   * @throws DamagedFilesException if it has no Spark pipeline, or Spark cannot load it
   * @throws IllegalArgumentException if Spark runs on a cluster and {@code stagingDir} is empty
   */
  public LoadedModel load(StoredModel stored) {
    String operation = "load the pipeline in " + stored.directory();
    String data =
        stored
            .sparkData()
            .orElseThrow(
                () ->
                    new DamagedFilesException(
                        operation, "MLmodel has no spark flavor, so the folder has no pipeline."));
    try {
      return new LoadedModel(
          stored,
          new PipelineStaging(spark, settings)
              .load(
                  stored.directory().resolve(data), UUID.randomUUID().toString().replace("-", "")));
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (Exception e) { // Scala throws checked exceptions that Java does not see declared
      String firstLine =
          String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
      throw new DamagedFilesException(operation, "Spark says: " + firstLine, e);
    }
  }
}
