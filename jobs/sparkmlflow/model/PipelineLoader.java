package sparkmlflow.model;

import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.DamagedFilesException;

/** Loads the Spark pipeline of a model folder, on one machine as on a cluster. */
public final class PipelineLoader {

  private final PipelineStaging staging;

  /** Loads into a session; on a cluster by way of {@code model.staging-dir}. */
  public PipelineLoader(SparkSession spark, ModelSettings settings) {
    this.staging = new PipelineStaging(spark, settings);
  }

  /**
   * The model, ready to predict; its files are not needed any more then.
   *
   * @throws DamagedFilesException if it has no Spark pipeline, or Spark cannot load it
   * @throws IllegalArgumentException if Spark runs on a cluster and {@code model.staging-dir} is
   *     empty
   */
  public LoadedModel load(StoredModel stored) {
    String operation = "load the pipeline in " + stored.directory();
    String data =
        stored
            .sparkData()
            .orElseThrow(
                () ->
                    new DamagedFilesException(
                        operation, "MLmodel has no spark flavor, so there is no pipeline in it."));
    try {
      return new LoadedModel(
          stored,
          staging.load(
              stored.directory().resolve(data), UUID.randomUUID().toString().replace("-", "")));
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (Exception e) { // Scala throws checked exceptions that Java does not see declared
      throw new DamagedFilesException(operation, "Spark says: " + firstLine(e), e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
