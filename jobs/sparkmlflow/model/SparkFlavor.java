package sparkmlflow.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.classification.OneVsRestModel;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.TrainValidationSplitModel;
import org.apache.spark.sql.SparkSession;

/**
 * The pipeline in Spark's own format, loaded by {@code mlflow.spark} in Python.
 *
 * <p>Python builds each stage from the Python class that has the JVM class's name, so a stage
 * outside {@code org.apache.spark.ml} could be saved but never loaded.
 */
record SparkFlavor(SparkSession spark, PipelineStaging staging) implements Flavor {

  private static final String DATA = "sparkml";
  private static final String BUILT_IN = "org.apache.spark.ml.";
  private static final Pattern RELEASE = Pattern.compile("(\\d+\\.\\d+\\.\\d+)(?:[-.].*)?");

  @Override
  public void check(FittedModel model) {
    requireBuiltIn(model.pipeline());
    List<String> outputs =
        model.signature().outputs().stream().map(ModelSignature.Column::name).toList();
    if (!outputs.equals(List.of("prediction"))) {
      throw new IllegalArgumentException(
          "The signature's outputs are %s; of a Spark model MLflow returns the column \"prediction\" only, so the signature must name that column alone"
              .formatted(outputs));
    }
  }

  @Override
  public Written write(FittedModel model, ModelIdentity identity, Path directory)
      throws IOException {
    String version = release(spark.version());
    Path data = directory.resolve(DATA);
    staging.save(model.pipeline(), identity.modelUuid(), data);
    requireComplete(model.pipeline(), data);
    return new Written(
        "spark",
        Map.of(
            "model_class", "pyspark.ml.pipeline.PipelineModel",
            "model_data", DATA,
            "pyspark_version", version),
        "mlflow.spark",
        DATA,
        List.of("pyspark==" + version));
  }

  /** The PySpark release for a Spark version, without a vendor's suffix ({@code 4.0.1-amzn-0}). */
  static String release(String version) {
    Matcher matcher = RELEASE.matcher(version);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "Spark calls its version \"%s\"; the model's requirements need a PySpark release such as 4.0.1"
              .formatted(version));
    }
    return matcher.group(1);
  }

  private static void requireBuiltIn(Transformer stage) {
    String name = stage.getClass().getName();
    if (!name.startsWith(BUILT_IN)) {
      throw new IllegalArgumentException(
          "The pipeline's stage %s is a %s; Python has no class of that name and cannot load the model. Use stages of %s* only, for example SQLTransformer for a computed column"
              .formatted(stage.uid(), name, BUILT_IN));
    }
    // these four contain fitted models, which are saved and loaded with them
    if (stage instanceof PipelineModel inner) {
      Stream.of(inner.stages()).forEach(SparkFlavor::requireBuiltIn);
    } else if (stage instanceof CrossValidatorModel tuned) {
      requireBuiltIn(tuned.bestModel());
    } else if (stage instanceof TrainValidationSplitModel tuned) {
      requireBuiltIn(tuned.bestModel());
    } else if (stage instanceof OneVsRestModel many) {
      Stream.of(many.models()).forEach(SparkFlavor::requireBuiltIn);
    }
  }

  /** Throws IllegalStateException if a saved pipeline lacks a stage or a table is empty. */
  void requireComplete(PipelineModel pipeline, Path data) throws IOException {
    requireStages(pipeline, data);
    // every folder with files is a table that Spark wrote
    try (Stream<Path> tree = Files.walk(data)) {
      tree.filter(Files::isRegularFile).map(Path::getParent).distinct().forEach(this::requirePart);
    }
  }

  private void requireStages(PipelineModel pipeline, Path data) {
    requirePart(data.resolve("metadata"));
    Transformer[] stages = pipeline.stages();
    // as Spark names them: the index, with leading zeros if there are ten stages or more
    String name = "%0" + String.valueOf(stages.length).length() + "d_%s";
    for (int i = 0; i < stages.length; i++) {
      String uid = stages[i].uid();
      Path folder = data.resolve("stages").resolve(String.format(Locale.ROOT, name, i, uid));
      if (!Files.isDirectory(folder)) {
        throw incomplete("the files of stage " + i + " (" + uid + ") are missing");
      }
      if (stages[i] instanceof PipelineModel inner) {
        requireStages(inner, folder);
      } else {
        requirePart(folder.resolve("metadata"));
      }
    }
  }

  private void requirePart(Path folder) {
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "part-*")) {
        for (Path part : parts) {
          if (Files.size(part) > 0) {
            return;
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("Could not look into " + folder, e);
      }
    }
    throw incomplete("there are no rows in " + folder);
  }

  private IllegalStateException incomplete(String what) {
    return new IllegalStateException(
        "Spark saved the pipeline but %s. Driver and executors did not see the same folder: %s. Set the staging folder to one that all of them share"
            .formatted(what, staging.describe()));
  }
}
