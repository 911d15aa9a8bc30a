package sparkmlflow.model;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the model folder is labelled and which environment a consumer builds for it.
 *
 * <p>Writing the folder needs no Python. The versions are those that {@code mlflow models serve},
 * {@code spark_udf} or a container build installs before it loads the model.
 *
 * @param artifactPath the folder's place below the run's artifacts, '/'-separated
 * @param pythonFunction which flavor of a linear model answers {@code python_function}
 * @param pythonVersion the interpreter that serving builds, as {@code 3.12.3} or {@code 3.12}
 * @param mlflowVersion the Python package that serving installs; MLmodel names it as the version of
 *     the layout
 * @param onnxVersion the Python package onnx that a consumer of the ONNX model installs
 * @param onnxruntimeVersion the Python package onnxruntime, likewise
 * @param requirements further Python packages, each pinned as {@code name==version}
 * @param stagingDir a folder that driver and executors share, as a Hadoop path or URI; blank if
 *     Spark runs in one process, which can use the driver's temporary folder
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

  // MLflow's server rejects "..", absolute paths, '\' and '#'; the other characters that are not
  // allowed here would need escaping in a URI or in a models:/ reference.
  private static final Pattern SEGMENT = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N} _.-]*");
  private static final Pattern PIN =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*)==\\d+(\\.\\d+)*([a-z]+\\d+)?");

  /** The versions with which this library is tested. */
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

  /** Throws {@link IllegalArgumentException} naming the component with an unusable value. */
  public ModelSettings {
    for (String segment : artifactPath.split("/", -1)) {
      if (!SEGMENT.matcher(segment).matches()) {
        throw new IllegalArgumentException(
            "artifactPath is \"%s\"; it must be a relative path of letters, digits, '_', '-', '.' and inner blanks, its parts separated by '/', such as \"model\""
                .formatted(artifactPath));
      }
    }
    if (!pythonVersion.matches("3\\.\\d{1,2}(\\.\\d{1,2})?")) {
      throw new IllegalArgumentException(
          "pythonVersion is \"%s\"; it must be a Python 3 version such as 3.12.3"
              .formatted(pythonVersion));
    }
    requireVersion("mlflow", mlflowVersion, "3.17.2");
    requireVersion("onnx", onnxVersion, "1.23.2");
    requireVersion("onnxruntime", onnxruntimeVersion, "1.32.0");
    requirements = List.copyOf(requirements);
    Set<String> names = new HashSet<>(Set.of("mlflow", "onnx", "onnxruntime", "pyspark"));
    for (String requirement : requirements) {
      Matcher pin = PIN.matcher(requirement);
      if (!pin.matches()) {
        throw new IllegalArgumentException(
            "requirements holds \"%s\"; each must be a pin such as \"numpy==2.4.6\", so that serving installs what was tested"
                .formatted(requirement));
      }
      // as pip compares names: Typing_Extensions is typing-extensions
      if (!names.add(pin.group(1).toLowerCase(Locale.ROOT).replaceAll("[-_.]+", "-"))) {
        throw new IllegalArgumentException(
            "requirements names %s a second time; name each package once. mlflow, onnx and onnxruntime have separate settings (mlflowVersion and so on), and pyspark is that of the running Spark"
                .formatted(pin.group(1)));
      }
    }
    stagingDir = stagingDir.strip();
  }

  /** The same with a folder that driver and executors share, for a pipeline on a cluster. */
  public ModelSettings stagedIn(String sharedFolder) {
    return new ModelSettings(
        artifactPath,
        pythonFunction,
        pythonVersion,
        mlflowVersion,
        onnxVersion,
        onnxruntimeVersion,
        requirements,
        sharedFolder);
  }

  private static void requireVersion(String name, String version, String such) {
    if (!version.matches("\\d+(\\.\\d+)+([a-z]+\\d+)?")) {
      throw new IllegalArgumentException(
          "%sVersion is \"%s\"; it must be a version of the Python package %s such as %s"
              .formatted(name, version, name, such));
    }
  }
}
