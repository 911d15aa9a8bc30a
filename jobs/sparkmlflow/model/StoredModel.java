package sparkmlflow.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sparkmlflow.DamagedFilesException;

/**
 * A model folder on the driver's disk, as its MLmodel describes it. Any MLflow client may have
 * written it.
 *
 * @param signature empty if MLmodel has none, or one with anything but named columns
 * @param sparkData the pipeline's folder below the directory; empty for a model without Spark
 * @param modelUuid empty if it has none
 * @param created when the model was made; the epoch if MLmodel does not tell
 */
public record StoredModel(
    Path directory,
    Optional<ModelSignature> signature,
    Optional<String> sparkData,
    Map<String, String> metadata,
    Map<String, Object> flavors,
    String modelUuid,
    Instant created) {

  public StoredModel {
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    flavors = Collections.unmodifiableMap(new TreeMap<>(flavors));
  }

  /** Throws {@link DamagedFilesException} if MLmodel is unreadable or names a missing file. */
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
        .properties()
        .forEach(fact -> metadata.put(fact.getKey(), fact.getValue().asText()));
    return new StoredModel(
        directory,
        signature,
        Optional.ofNullable(model.path("flavors").path("spark").path("model_data").textValue()),
        metadata,
        ModelText.map(model.path("flavors")),
        model.path("model_uuid").asText(""),
        created(model.path("utc_time_created").asText("")));
  }

  /** The folder with the same id and time, to upload to a path below a run's artifacts. */
  public ModelFolder folder(String artifactPath, List<String> files) {
    return new ModelFolder(directory, artifactPath, modelUuid, created, flavors, files);
  }

  private static Instant created(String text) {
    try {
      return LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }

  /** False also for a path that leads out of the folder, and for a name that no file can have. */
  private static boolean isIn(Path directory, String name) {
    try {
      Path file = directory.resolve(name).normalize();
      return file.startsWith(directory.normalize()) && Files.exists(file);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static void requireNamed(Path directory, JsonNode model) {
    JsonNode example = model.path("saved_input_example_info");
    List<JsonNode> named = new ArrayList<>();
    named.add(example.path("artifact_path"));
    named.add(example.path("serving_input_path"));
    for (JsonNode flavor : model.path("flavors")) {
      named.add(flavor.path("data"));
      named.add(flavor.path("model_data"));
      flavor.path("env").forEach(named::add);
    }
    List<String> missing =
        named.stream()
            .filter(JsonNode::isTextual)
            .map(JsonNode::asText)
            .distinct()
            .filter(name -> !isIn(directory, name))
            .sorted()
            .toList();
    if (!missing.isEmpty()) {
      throw new DamagedFilesException(
          "read the model",
          "MLmodel names %s, which does not exist in its folder.".formatted(missing));
    }
  }
}
