package sparkmlflow.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How the model folder is labelled and what environment a consumer builds for it.
 *
 * <p>The job itself has no Python: the versions here say what {@code mlflow models serve}, {@code
 * spark_udf} or a container build installs before it loads the model.
 *
 * @param artifactPath the folder's place below the run's artifacts, '/'-separated
 * @param pythonFunction which flavor of a linear model answers {@code python_function}
 * @param pythonVersion the interpreter that serving builds, as {@code 3.12.3} or {@code 3.12}
 * @param mlflowVersion the Python package that serving installs; also stands in MLmodel as the
 *     version the layout follows
 * @param onnxVersion the Python package onnx that a consumer of the ONNX model installs
 * @param onnxruntimeVersion the Python package onnxruntime, likewise
 * @param requirements further Python packages, each pinned as {@code name==version}
 * @param stagingDir a folder that driver and executors share, as a Hadoop path or URI; blank where
 *     Spark runs in one process and the driver's temporary folder does
 */
public record ModelSettings(
    String artifactPath,
    PythonFunction pythonFunction,
    String pythonVersion,
    String mlflowVersion,
    String onnxVersion,
    String onnxruntimeVersion,
    List<String> requirements,
    String stagingDir) {

  // MLflow's server refuses "..", absolute paths, '\' and '#'; the rest of what is left out here
  // would have to be escaped in a URI or in a models:/ reference.
  private static final Pattern SEGMENT = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N} _.-]*");
  private static final Pattern PYTHON = Pattern.compile("3\\.\\d{1,2}(\\.\\d{1,2})?");
  private static final Pattern VERSION = Pattern.compile("\\d+(\\.\\d+)+([a-z]+\\d+)?");
  private static final Pattern PIN =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*)==\\d+(\\.\\d+)*([a-z]+\\d+)?");

  /** The versions that this library is tested with. */
  public static final ModelSettings DEFAULT =
      new ModelSettings(
          "model",
          PythonFunction.ONNX,
          "3.12.3",
          "3.17.2",
          "1.23.2",
          "1.32.0",
          List.of("numpy==2.4.6", "pandas==3.1.1", "pyarrow==25.0.1", "scipy==1.17.1"),
          "");

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException naming the component, if a path or version could not be used
   */
  public ModelSettings {
    for (String segment : artifactPath.split("/", -1)) {
      if (!SEGMENT.matcher(segment).matches()) {
        throw new IllegalArgumentException(
            "artifactPath is \""
                + artifactPath
                + "\"; it must be a relative path of letters, digits, '_', '-', '.' and inner"
                + " blanks, its parts divided by '/', such as \"model\"");
      }
    }
    if (!PYTHON.matcher(pythonVersion).matches()) {
      throw new IllegalArgumentException(
          "pythonVersion is \""
              + pythonVersion
              + "\"; it must be a Python 3 version such as 3.12.3");
    }
    requireVersion("mlflow", mlflowVersion, "3.17.2");
    requireVersion("onnx", onnxVersion, "1.23.2");
    requireVersion("onnxruntime", onnxruntimeVersion, "1.32.0");
    requirements = List.copyOf(requirements);
    Set<String> names = new HashSet<>(Set.of("mlflow", "onnx", "onnxruntime", "pyspark"));
    for (String requirement : requirements) {
      var pin = PIN.matcher(requirement);
      if (!pin.matches()) {
        throw new IllegalArgumentException(
            "requirements holds \""
                + requirement
                + "\"; each must be a pin such as \"numpy==2.4.6\", so that serving installs today"
                + " what was tested");
      }
      if (!names.add(ModelEnvironment.normalised(pin.group(1)))) {
        throw new IllegalArgumentException(
            "requirements names "
                + pin.group(1)
                + " a second time; mlflow, onnx and onnxruntime have settings of their own"
                + " (mlflowVersion and so on) and pyspark is that of the running Spark,"
                + " every other package stands once");
      }
    }
    stagingDir = stagingDir.strip();
  }

  private static void requireVersion(String name, String version, String such) {
    if (!VERSION.matcher(version).matches()) {
      throw new IllegalArgumentException(
          name
              + "Version is \""
              + version
              + "\"; it must be a version of the Python package "
              + name
              + " such as "
              + such);
    }
  }
}
