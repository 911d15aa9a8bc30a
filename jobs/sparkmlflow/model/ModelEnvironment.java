package sparkmlflow.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The Python environment that a consumer builds for the model, in MLflow's three files. */
final class ModelEnvironment {

  static final String REQUIREMENTS = "requirements.txt";
  static final String CONDA = "conda.yaml";
  static final String PYTHON_ENV = "python_env.yaml";
  static final List<String> FILES = List.of(CONDA, PYTHON_ENV, REQUIREMENTS);

  // The pip that Python 3.12.3 brings. Setuptools and wheel build PySpark, which PyPI has as source
  // only; a setuptools below 66.1 does not start on Python 3.12.
  private static final String PIP = "24.0";
  private static final List<String> BUILD =
      List.of("pip==" + PIP, "setuptools==75.8.0", "wheel==0.45.1");

  private final ModelSettings settings;

  ModelEnvironment(ModelSettings settings) {
    this.settings = settings;
  }

  /**
   * Writes the three files for the first flavor, and for each other one its requirements.
   *
   * @param flavors at least one, the one that answers {@code python_function} first
   */
  void write(Path directory, List<Flavor.Written> flavors) throws IOException {
    for (Flavor.Written beside : flavors.subList(1, flavors.size())) {
      text(
          directory.resolve("requirements-" + beside.name() + ".txt"),
          String.join("\n", pins(beside)) + "\n");
    }
    List<String> pins = pins(flavors.get(0));
    text(directory.resolve(REQUIREMENTS), String.join("\n", pins) + "\n");

    Map<String, Object> conda = new LinkedHashMap<>();
    conda.put("channels", List.of("conda-forge"));
    conda.put(
        "dependencies",
        List.of("python=" + settings.pythonVersion(), "pip<=" + PIP, Map.of("pip", pins)));
    conda.put("name", "mlflow-env");
    text(directory.resolve(CONDA), ModelText.yaml(conda));

    Map<String, Object> virtual = new LinkedHashMap<>();
    virtual.put("python", settings.pythonVersion());
    virtual.put("build_dependencies", BUILD);
    virtual.put("dependencies", List.of("-r " + REQUIREMENTS));
    text(directory.resolve(PYTHON_ENV), ModelText.yaml(virtual));
  }

  /** In the order of their names: MLflow, what the flavor needs, and the settings' own. */
  private List<String> pins(Flavor.Written flavor) {
    return List.copyOf(
        new TreeSet<>(
            Stream.of(
                    List.of("mlflow==" + settings.mlflowVersion()),
                    flavor.requirements(),
                    settings.requirements())
                .flatMap(List::stream)
                .toList()));
  }

  /**
   * A package's name as pip compares it: {@code Typing_Extensions} is {@code typing-extensions}.
   */
  static String normalised(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[-_.]+", "-");
  }

  private static void text(Path file, String content) throws IOException {
    Files.writeString(file, content, StandardCharsets.UTF_8);
  }
}
