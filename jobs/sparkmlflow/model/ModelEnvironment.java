package sparkmlflow.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The Python environment that a consumer builds for the model, in MLflow's three files. */
record ModelEnvironment(ModelSettings settings) {

  static final String REQUIREMENTS = "requirements.txt";
  static final String CONDA = "conda.yaml";
  static final String PYTHON_ENV = "python_env.yaml";

  // Python 3.12.3 ships this pip. Setuptools and wheel build PySpark, which PyPI has as source
  // only; setuptools before 66.1 does not start on Python 3.12.
  private static final String PIP = "24.0";
  private static final List<String> BUILD =
      List.of("pip==" + PIP, "setuptools==75.8.0", "wheel==0.45.1");

  /** Writes the three files for the first flavor, and a requirements file for each other one. */
  void write(Path directory, List<Flavor.Written> flavors) throws IOException {
    for (Flavor.Written flavor : flavors) {
      String file =
          flavor.equals(flavors.get(0)) ? REQUIREMENTS : "requirements-" + flavor.name() + ".txt";
      Files.writeString(directory.resolve(file), String.join("\n", pins(flavor)) + "\n");
    }

    Map<String, Object> conda = new LinkedHashMap<>();
    conda.put("channels", List.of("conda-forge"));
    conda.put(
        "dependencies",
        List.of(
            "python=" + settings.pythonVersion(),
            "pip<=" + PIP,
            Map.of("pip", pins(flavors.get(0)))));
    conda.put("name", "mlflow-env");
    Files.writeString(directory.resolve(CONDA), ModelText.yaml(conda));

    Map<String, Object> virtual = new LinkedHashMap<>();
    virtual.put("python", settings.pythonVersion());
    virtual.put("build_dependencies", BUILD);
    virtual.put("dependencies", List.of("-r " + REQUIREMENTS));
    Files.writeString(directory.resolve(PYTHON_ENV), ModelText.yaml(virtual));
  }

  /** MLflow and the packages of flavor and settings, sorted by name. */
  private List<String> pins(Flavor.Written flavor) {
    TreeSet<String> pins = new TreeSet<>(flavor.requirements());
    pins.addAll(settings.requirements());
    pins.add("mlflow==" + settings.mlflowVersion());
    return List.copyOf(pins);
  }
}
