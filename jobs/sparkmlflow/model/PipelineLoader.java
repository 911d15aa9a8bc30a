package sparkmlflow.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.ml.PipelineModel;
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
   * The model, ready to predict. Its files must stay until it has predicted, or its {@link
   * LoadedModel#pipeline} has been asked for.
   *
   * @throws DamagedFilesException if it has no Spark pipeline, or no file that MLmodel names
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
    return new LoadedModel(
        stored,
        linear(operation, stored),
        () -> pipeline(operation, stored.directory().resolve(data)));
  }

  private static Optional<GraphForm.Linear> linear(String operation, StoredModel stored) {
    if (!(stored.flavors().get("onnx") instanceof Map<?, ?> onnx
        && onnx.get("data") instanceof String file
        && stored.signature().isPresent())) {
      return Optional.empty();
    }
    try {
      List<String> inputs = stored.signature().get().inputNames();
      return OnnxGraph.linear(stored.directory().resolve(file))
          .filter(function -> function.inputs().equals(inputs));
    } catch (IOException e) {
      throw new DamagedFilesException(operation, String.valueOf(e.getMessage()), e);
    }
  }

  private PipelineModel pipeline(String operation, Path data) {
    try {
      return new PipelineStaging(spark, settings)
          .load(data, UUID.randomUUID().toString().replace("-", ""));
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (Exception e) { // Scala throws checked exceptions that Java does not see declared
      String firstLine =
          String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
      throw new DamagedFilesException(operation, "Spark says: " + firstLine, e);
    }
  }
}
