package sparkmlflow.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
 * <p>The Python side makes each stage from the Python class of the same name as the JVM's, so a
 * stage outside {@code org.apache.spark.ml} could be saved but never loaded.
 */
final class SparkFlavor implements Flavor {

  private static final String DATA = "sparkml";
  private static final String BUILT_IN = "org.apache.spark.ml.";
  private static final Pattern RELEASE = Pattern.compile("(\\d+\\.\\d+\\.\\d+)(?:[-.].*)?");

  private final SparkSession spark;
  private final PipelineStaging staging;

  SparkFlavor(SparkSession spark, ModelSettings settings) {
    this.spark = spark;
    this.staging = new PipelineStaging(spark, settings);
  }

  @Override
  public void check(FittedModel model) {
    requireBuiltIn(model.pipeline());
    List<String> outputs =
        model.signature().outputs().stream().map(ModelSignature.Column::name).toList();
    if (!outputs.equals(List.of("prediction"))) {
      throw new IllegalArgumentException(
          "The signature's outputs are "
              + outputs
              + "; MLflow answers with the column \"prediction\" of a Spark model and with no"
              + " other, so the signature must name just that");
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

  /**
   * The release of PySpark that belongs to a Spark, as PyPI has it.
   *
   * @param version as the session gives it; a vendor's suffix ({@code 4.0.1-amzn-0}) is dropped
   * @throws IllegalArgumentException if it does not start with three numbers
   */
  static String release(String version) {
    Matcher matcher = RELEASE.matcher(version);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "Spark calls its version \""
              + version
              + "\"; the model's requirements need a PySpark release such as 4.0.1 from it");
    }
    return matcher.group(1);
  }

  private static void requireBuiltIn(Transformer stage) {
    String name = stage.getClass().getName();
    if (!name.startsWith(BUILT_IN)) {
      throw new IllegalArgumentException(
          "The pipeline's stage "
              + stage.uid()
              + " is a "
              + name
              + "; Python has no class of that name and could not load the model. Use stages of "
              + BUILT_IN
              + "* only, for instance SQLTransformer for a computed column");
    }
    // these four hold fitted models of their own, which are saved and loaded with them
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

  /**
   * Checks that a saved pipeline has all its stages and rows in every table.
   *
   * @throws IllegalStateException naming what is missing
   */
  void requireComplete(PipelineModel pipeline, Path data) throws IOException {
    requireStages(pipeline, data);
    // every folder that Spark wrote rows to has a part file with something in it
    try (Stream<Path> tree = Files.walk(data)) {
      for (Path folder : tree.filter(Files::isDirectory).toList()) {
        if (holdsFiles(folder)) {
          requirePart(folder);
        }
      }
    }
  }

  private void requireStages(PipelineModel pipeline, Path data) throws IOException {
    requirePart(data.resolve("metadata"));
    Transformer[] stages = pipeline.stages();
    for (int i = 0; i < stages.length; i++) {
      Path folder = stageFolder(data.resolve("stages"), i, stages[i].uid());
      if (stages[i] instanceof PipelineModel inner) {
        requireStages(inner, folder);
      } else {
        requirePart(folder.resolve("metadata"));
      }
    }
  }

  /** A stage's folder is its index, filled with zeros to the width of the last one, and its uid. */
  private Path stageFolder(Path stages, int index, String uid) throws IOException {
    Pattern name = Pattern.compile("0*" + index + "_" + Pattern.quote(uid));
    if (Files.isDirectory(stages)) {
      try (Stream<Path> children = Files.list(stages)) {
        var found =
            children
                .filter(child -> name.matcher(child.getFileName().toString()).matches())
                .findFirst();
        if (found.isPresent()) {
          return found.get();
        }
      }
    }
    throw incomplete("the files of stage " + index + " (" + uid + ") are missing");
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
        "Spark saved the pipeline but "
            + what
            + ". Driver and executors did not see the same folder: "
            + staging.describe()
            + ". Set the staging folder to one that all of them share");
  }

  private static boolean holdsFiles(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.anyMatch(Files::isRegularFile);
    }
  }
}
