package winequality.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import winequality.mlflow.DamagedFilesException;

/**
 * A model folder on the driver's disk, as its MLmodel describes it; whoever wrote it.
 *
 * @param directory where MLmodel is
 * @param signature empty if it has none, or one with something else than named columns
 * @param sparkData the pipeline's folder below the directory; empty for a model without Spark
 * @param metadata facts that travel with the model
 */
public record StoredModel(
    Path directory,
    Optional<ModelSignature> signature,
    Optional<String> sparkData,
    Map<String, String> metadata) {

  public StoredModel {
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  /**
   * Reads MLmodel and looks whether the files it names are there.
   *
   * @throws DamagedFilesException if MLmodel cannot be read or a file or folder it names is missing
   */
  public static StoredModel read(Path directory) {
    Path file = directory.resolve(ModelFolder.MLMODEL);
    JsonNode model;
    Optional<ModelSignature> signature;
    try {
      model = ModelText.readYaml(Files.readString(file));
      JsonNode sides = model.path("signature");
      signature =
          sides.path("inputs").isTextual() && sides.path("outputs").isTextual()
              ? ModelSignature.ofJson(sides.path("inputs").asText(), sides.path("outputs").asText())
              : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      throw new DamagedFilesException("read the model", file + ": " + e.getMessage(), e);
    }
    requireNamed(directory, model);
    Map<String, String> metadata = new TreeMap<>();
    model
        .path("metadata")
        .fields()
        .forEachRemaining(fact -> metadata.put(fact.getKey(), fact.getValue().asText()));
    JsonNode spark = model.path("flavors").path("spark").path("model_data");
    return new StoredModel(
        directory,
        signature,
        spark.isTextual() ? Optional.of(spark.asText()) : Optional.empty(),
        metadata);
  }

  private static void requireNamed(Path directory, JsonNode model) {
    List<String> named = new ArrayList<>();
    for (JsonNode flavor : model.path("flavors")) {
      add(named, flavor.path("data"));
      add(named, flavor.path("model_data"));
      flavor.path("env").forEach(file -> add(named, file));
    }
    JsonNode example = model.path("saved_input_example_info");
    add(named, example.path("artifact_path"));
    add(named, example.path("serving_input_path"));
    List<String> missing =
        named.stream()
            .distinct()
            .filter(name -> !Files.exists(directory.resolve(name)))
            .sorted()
            .toList();
    if (!missing.isEmpty()) {
      throw new DamagedFilesException(
          "read the model", "MLmodel names %s, which is not there.".formatted(missing));
    }
  }

  private static void add(List<String> named, JsonNode name) {
    if (name.isTextual()) {
      named.add(name.asText());
    }
  }
}
