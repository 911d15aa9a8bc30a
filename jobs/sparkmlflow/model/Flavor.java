package sparkmlflow.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One way to load the model: its own files in the folder, its entry in MLmodel, the packages it
 * needs. The first of a folder's flavors also answers {@code python_function}.
 */
sealed interface Flavor permits SparkFlavor, OnnxFlavor {

  /**
   * Checks that the model can be written in this flavor, before any file is.
   *
   * @throws IllegalArgumentException saying which part of the model cannot, and why
   */
  void check(FittedModel model);

  /**
   * Writes the flavor's files and checks that they are all there.
   *
   * @param directory the model folder, which exists
   * @throws IOException if a file cannot be written or read back
   * @throws IllegalStateException if what was written is incomplete
   */
  Written write(FittedModel model, ModelIdentity identity, Path directory) throws IOException;

  /**
   * What MLmodel and the environment say about a written flavor.
   *
   * @param name the key under {@code flavors}
   * @param entry the value under it, without nulls
   * @param loaderModule the Python module that loads it for {@code python_function}
   * @param data the file or folder that the module is handed, relative to the model folder
   * @param requirements pinned packages, beside mlflow, that loading needs
   */
  record Written(
      String name,
      Map<String, Object> entry,
      String loaderModule,
      String data,
      List<String> requirements) {
    public Written {
      entry = Map.copyOf(entry);
      requirements = List.copyOf(requirements);
    }
  }
}
