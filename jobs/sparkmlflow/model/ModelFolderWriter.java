package sparkmlflow.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the folder that {@code mlflow.spark.save_model} would write, without Python, and for a
 * linear model {@code mlflow.onnx.save_model}'s in the same one.
 *
 * <p>Layout and keys are those of MLflow 3.17.2, except that keys which Python writes as null are
 * left out; MLflow reads the two alike. {@code requirements.txt} is what the flavor needs that
 * answers {@code python_function}; a flavor beside it has a file of its own, such as {@code
 * requirements-spark.txt}.
 */
public final class ModelFolderWriter {

  private static final String EXAMPLE = "input_example.json";
  private static final String SERVING_EXAMPLE = "serving_input_example.json";

  private static final Logger LOG = LoggerFactory.getLogger(ModelFolderWriter.class);

  private final ModelSettings settings;
  private final SparkFlavor spark;

  /**
   * The writer for models of a session.
   *
   * @param spark its version becomes the pinned PySpark; its file systems stage the pipeline
   */
  public ModelFolderWriter(SparkSession spark, ModelSettings settings) {
    this.settings = settings;
    this.spark = new SparkFlavor(spark, settings);
  }

  /**
   * The complete folder of a model. Costs the Spark jobs of saving its pipeline: one for the
   * pipeline, one for each stage and one for each table that a stage keeps; 4 for an assembler and
   * a linear regression.
   *
   * @param directory absent or empty; all or nothing is written, and after a failure it is as it
   *     was
   * @throws IllegalArgumentException if the directory is in use, a stage is not one of Spark's own,
   *     or a cluster has no {@code model.staging-dir}
   * @throws IllegalStateException if Spark could not save the pipeline, or what it saved is
   *     incomplete
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

  /** Those that the model can be written in; the first answers {@code python_function}. */
  private List<Flavor> flavors(FittedModel model) {
    GraphForm form = GraphForm.of(model.pipeline(), model.signature());
    if (form instanceof GraphForm.Linear linear) {
      Flavor onnx = new OnnxFlavor(linear, settings);
      return settings.pythonFunction() == PythonFunction.ONNX
          ? List.of(onnx, spark)
          : List.of(spark, onnx);
    }
    if (form instanceof GraphForm.SparkOnly only) {
      LOG.info("The model is written for Spark only, since {}", only.reason());
    }
    return List.of(spark);
  }

  private ModelFolder writeAll(
      List<Flavor> flavors, FittedModel model, ModelIdentity identity, Path directory)
      throws IOException {
    List<Flavor.Written> written = new ArrayList<>();
    for (Flavor flavor : flavors) {
      written.add(flavor.write(model, identity, directory));
    }
    text(directory.resolve(EXAMPLE), model.example().splitJson());
    text(directory.resolve(SERVING_EXAMPLE), model.example().servingJson());
    // as Python counts: what stands there before MLmodel and the environment are written
    long bytes = size(directory);

    Map<String, Object> entries = entries(written);
    ModelFolder described =
        new ModelFolder(
            directory,
            settings.artifactPath(),
            identity.modelUuid(),
            identity.created(),
            entries,
            List.of(ModelFolder.MLMODEL));
    text(directory.resolve(ModelFolder.MLMODEL), mlmodel(model, identity, described, bytes));
    new ModelEnvironment(settings).write(directory, written);

    List<String> files = list(directory);
    requireWritten(directory, files);
    return new ModelFolder(
        directory,
        described.artifactPath(),
        described.modelUuid(),
        described.created(),
        entries,
        files);
  }

  private Map<String, Object> entries(List<Flavor.Written> written) {
    Flavor.Written first = written.get(0);
    Map<String, Object> entries = new TreeMap<>();
    entries.put(
        "python_function",
        sorted(
            Map.of(
                "data", first.data(),
                "env",
                    sorted(
                        Map.of(
                            "conda", ModelEnvironment.CONDA,
                            "virtualenv", ModelEnvironment.PYTHON_ENV)),
                "loader_module", first.loaderModule(),
                "python_version", settings.pythonVersion())));
    for (Flavor.Written one : written) {
      entries.put(one.name(), sorted(one.entry()));
    }
    return entries;
  }

  private String mlmodel(
      FittedModel model, ModelIdentity identity, ModelFolder folder, long bytes) {
    Map<String, Object> top = new TreeMap<>();
    top.put("artifact_path", folder.artifactPath());
    top.put("flavors", folder.flavors());
    top.put("is_signature_from_type_hint", false);
    if (!model.metadata().isEmpty()) {
      top.put("metadata", model.metadata());
    }
    top.put("mlflow_version", settings.mlflowVersion());
    top.put("model_size_bytes", bytes);
    top.put("model_uuid", folder.modelUuid());
    top.put("run_id", identity.runId());
    top.put(
        "saved_input_example_info",
        sorted(
            Map.of(
                "artifact_path",
                EXAMPLE,
                "pandas_orient",
                "split",
                "serving_input_path",
                SERVING_EXAMPLE,
                "type",
                "dataframe")));
    top.put(
        "signature",
        sorted(
            Map.of(
                "inputs", model.signature().inputsJson(),
                "outputs", model.signature().outputsJson())));
    top.put("type_hint_from_example", false);
    top.put("utc_time_created", folder.utcTimeCreated());
    return ModelText.yaml(top);
  }

  private static void requireUnused(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    if (Files.isDirectory(directory)) {
      try (Stream<Path> children = Files.list(directory)) {
        if (children.findAny().isEmpty()) {
          return;
        }
      } catch (IOException e) {
        throw new UncheckedIOException("Could not look into " + directory, e);
      }
    }
    throw new IllegalArgumentException(
        "The model folder " + directory + " is there already and not empty; name a new one");
  }

  private static void requireWritten(Path directory, List<String> files) throws IOException {
    List<String> required = new ArrayList<>(ModelEnvironment.FILES);
    required.addAll(List.of(ModelFolder.MLMODEL, EXAMPLE, SERVING_EXAMPLE));
    for (String name : required) {
      if (!files.contains(name) || Files.size(directory.resolve(name)) == 0) {
        throw new IllegalStateException(
            "The model folder "
                + directory
                + " lacks "
                + name
                + " or it is empty, although it was written; is the disk full?");
      }
    }
  }

  private static List<String> list(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  private static long size(Path directory) throws IOException {
    long bytes = 0;
    for (String file : list(directory)) {
      bytes += Files.size(directory.resolve(file));
    }
    return bytes;
  }

  private static void text(Path file, String content) throws IOException {
    Files.writeString(file, content, StandardCharsets.UTF_8);
  }

  /** In the order in which Python writes keys, so that two folders can be compared line by line. */
  private static Map<String, Object> sorted(Map<String, Object> map) {
    return new TreeMap<>(map);
  }

  private static void clear(Path directory, boolean keepFolder) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        if (!(keepFolder && path.equals(directory))) {
          Files.delete(path);
        }
      }
    } catch (IOException e) {
      LOG.warn("Could not delete the incomplete model folder {}; delete it by hand", directory, e);
    }
  }
}
