package sparkmlflow.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One way to load the model: its files in the folder, its entry in MLmodel, and the packages it
 * needs. A folder's first flavor also answers {@code python_function}.
 */
sealed interface Flavor permits SparkFlavor, OnnxFlavor {

  /** Throws IllegalArgumentException before any writing if the flavor cannot hold the model. */
  default void check(FittedModel model) {}

  /** Writes the flavor's files below the folder and checks that they are complete. */
  Written write(FittedModel model, ModelIdentity identity, Path directory) throws IOException;

  /**
   * A written flavor, as MLmodel and the environment describe it.
   *
   * @param name the key under {@code flavors}
   * @param entry the value under it, without nulls
   * @param loaderModule the Python module that loads it for {@code python_function}
   * @param data the file or folder that this module reads, relative to the model folder
   * @param requirements pinned packages that loading needs, apart from mlflow
   */
  record Written(
      String name,
      Map<String, Object> entry,
      String loaderModule,
      String data,
      List<String> requirements) {
    public Written {
      // in the order in which Python writes keys, so that folders can be compared line by line
      entry = Collections.unmodifiableMap(new TreeMap<>(entry));
      requirements = List.copyOf(requirements);
    }
  }
}
