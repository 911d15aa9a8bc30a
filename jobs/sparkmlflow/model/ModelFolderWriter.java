package sparkmlflow.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.artifacts.LocalFiles;

/**
 * Writes the folder that {@code mlflow.spark.save_model} would write, without Python. A linear
 * model's folder also holds what {@code mlflow.onnx.save_model} would write.
 *
 * <p>Layout and keys are those of MLflow 3.17.2, without the keys that Python writes as null;
 * MLflow reads both alike. {@code requirements.txt} belongs to the flavor that answers {@code
 * python_function}; each other flavor has its own file, such as {@code requirements-spark.txt}.
 */
public final class ModelFolderWriter {

  private static final String EXAMPLE = "input_example.json";
  private static final String SERVING_EXAMPLE = "serving_input_example.json";

  private static final Logger LOG = LoggerFactory.getLogger(ModelFolderWriter.class);

  private final SparkSession spark;
  private final ModelSettings settings;

  /**
   * @param spark its version becomes the pinned PySpark; its file systems stage the pipeline
   */
  public ModelFolderWriter(SparkSession spark, ModelSettings settings) {
    this.spark = spark;
    this.settings = settings;
  }

  /**
   * Writes a model's complete folder. Saving the pipeline takes a Spark job for the pipeline, one
   * for each stage and one for each table of a stage: 4 for an assembler and a linear regression.
   *
   * @param directory absent or empty; after a failure it is absent or empty again
   * @throws IllegalArgumentException if the directory is in use, a stage is not one of Spark's own,
   *     or a cluster has no {@code stagingDir}
   * @throws IllegalStateException if Spark could not save the pipeline, or saved it incompletely
   * @throws UncheckedIOException if the disk could not be written or the staged files not read
   */
  public ModelFolder write(FittedModel model, ModelIdentity identity, Path directory) {
    List<Flavor> flavors = flavors(model);
    flavors.forEach(flavor -> flavor.check(model));
    requireUnused(directory);
    boolean existed = Files.exists(directory);
    boolean complete = false;
    try {
      ModelFolder folder = writeAll(flavors, model, identity, Files.createDirectories(directory));
      complete = true;
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Could not write the model folder " + directory + ": " + e.getMessage(), e);
    } finally {
      if (!complete) {
        clear(directory, existed);
      }
    }
  }

  /** The flavors that can hold the model; the first answers {@code python_function}. */
  private List<Flavor> flavors(FittedModel model) {
    Flavor pipeline = new SparkFlavor(spark, new PipelineStaging(spark, settings));
    GraphForm form = GraphReader.read(model.pipeline(), model.signature());
    if (form instanceof GraphForm.Linear linear) {
      Flavor onnx = new OnnxFlavor(linear, settings);
      return settings.pythonFunction() == PythonFunction.ONNX
          ? List.of(onnx, pipeline)
          : List.of(pipeline, onnx);
    }
    if (form instanceof GraphForm.SparkOnly only) {
      LOG.info("The model is written for Spark only, because {}", only.reason());
    }
    return List.of(pipeline);
  }

  private ModelFolder writeAll(
      List<Flavor> flavors, FittedModel model, ModelIdentity identity, Path directory)
      throws IOException {
    List<Flavor.Written> written = new ArrayList<>();
    for (Flavor flavor : flavors) {
      written.add(flavor.write(model, identity, directory));
    }
    Files.writeString(directory.resolve(EXAMPLE), model.example().splitJson());
    Files.writeString(directory.resolve(SERVING_EXAMPLE), model.example().servingJson());
    // Python counts the same files: all but MLmodel and the environment
    long bytes = LocalFiles.at(directory).bytes();
    Map<String, Object> entries = entries(written);
    Files.writeString(
        directory.resolve(ModelFolder.MLMODEL), mlmodel(model, identity, entries, bytes));
    new ModelEnvironment(settings).write(directory, written);

    List<String> files = LocalFiles.at(directory).paths();
    requireWritten(directory, files);
    return new ModelFolder(
        directory,
        settings.artifactPath(),
        identity.modelUuid(),
        identity.created(),
        entries,
        files);
  }

  /** Sorted, as in Python, so that two folders can be compared line by line. */
  private Map<String, Object> entries(List<Flavor.Written> written) {
    Flavor.Written first = written.get(0);
    Map<String, Object> environment = new TreeMap<>();
    environment.put("conda", ModelEnvironment.CONDA);
    environment.put("virtualenv", ModelEnvironment.PYTHON_ENV);
    Map<String, Object> pythonFunction = new TreeMap<>();
    pythonFunction.put("data", first.data());
    pythonFunction.put("env", environment);
    pythonFunction.put("loader_module", first.loaderModule());
    pythonFunction.put("python_version", settings.pythonVersion());
    Map<String, Object> entries = new TreeMap<>();
    entries.put("python_function", pythonFunction);
    written.forEach(flavor -> entries.put(flavor.name(), flavor.entry()));
    return entries;
  }

  private String mlmodel(
      FittedModel model, ModelIdentity identity, Map<String, Object> flavors, long bytes) {
    Map<String, Object> example = new TreeMap<>();
    example.put("artifact_path", EXAMPLE);
    example.put("pandas_orient", "split");
    example.put("serving_input_path", SERVING_EXAMPLE);
    example.put("type", "dataframe");
    Map<String, Object> signature = new TreeMap<>();
    signature.put("inputs", model.signature().inputsJson());
    signature.put("outputs", model.signature().outputsJson());
    Map<String, Object> top = new TreeMap<>();
    top.put("artifact_path", settings.artifactPath());
    top.put("flavors", flavors);
    top.put("is_signature_from_type_hint", false);
    if (!model.metadata().isEmpty()) {
      top.put("metadata", model.metadata());
    }
    top.put("mlflow_version", settings.mlflowVersion());
    top.put("model_size_bytes", bytes);
    top.put("model_uuid", identity.modelUuid());
    top.put("run_id", identity.runId());
    top.put("saved_input_example_info", example);
    top.put("signature", signature);
    top.put("type_hint_from_example", false);
    top.put("utc_time_created", ModelFolder.utcTime(identity.created()));
    return ModelText.yaml(top);
  }

  private static void requireUnused(Path directory) {
    try (Stream<Path> found =
        Files.isDirectory(directory)
            ? Files.list(directory)
            : Stream.of(directory).filter(Files::exists)) {
      if (found.findAny().isPresent()) {
        throw new IllegalArgumentException(
            "The model folder " + directory + " exists and is not empty; name a new one");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Could not look into " + directory, e);
    }
  }

  private static void requireWritten(Path directory, List<String> files) throws IOException {
    for (String name :
        List.of(
            ModelEnvironment.CONDA,
            ModelEnvironment.PYTHON_ENV,
            ModelEnvironment.REQUIREMENTS,
            ModelFolder.MLMODEL,
            EXAMPLE,
            SERVING_EXAMPLE)) {
      if (!files.contains(name) || Files.size(directory.resolve(name)) == 0) {
        throw new IllegalStateException(
            "%s is missing or empty in the model folder %s, although it was written; is the disk full?"
                .formatted(name, directory));
      }
    }
  }

  private static void clear(Path directory, boolean keepFolder) {
    boolean cleared =
        keepFolder
            ? FileUtil.fullyDeleteContents(directory.toFile())
            : FileUtil.fullyDelete(directory.toFile());
    if (!cleared) {
      LOG.warn("Could not delete the incomplete model folder {}; delete it by hand", directory);
    }
  }
}
