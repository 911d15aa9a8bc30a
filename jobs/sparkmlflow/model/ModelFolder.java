package sparkmlflow.model;

import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A complete MLflow model folder on the driver's disk, ready to be uploaded.
 *
 * @param artifactPath where the files belong below the run's artifacts
 * @param flavors the ways to load it, as MLmodel lists them; JSON values only, none null
 * @param files every file, relative to the directory, '/'-separated, sorted
 */
public record ModelFolder(
    Path directory,
    String artifactPath,
    String modelUuid,
    Instant created,
    Map<String, Object> flavors,
    List<String> files) {

  static final String MLMODEL = "MLmodel";

  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

  /** Throws {@link IllegalArgumentException} without flavor or MLmodel, or with unsorted files. */
  public ModelFolder {
    flavors = Collections.unmodifiableMap(new TreeMap<>(flavors));
    files = List.copyOf(files);
    if (flavors.isEmpty()) {
      throw new IllegalArgumentException(
          "The model folder " + directory + " has no flavor; nobody can load it");
    }
    if (!files.contains(MLMODEL)) {
      throw new IllegalArgumentException(
          "The model folder " + directory + " lists no MLmodel file; MLflow cannot read it");
    }
    if (!files.equals(files.stream().distinct().sorted().toList())) {
      throw new IllegalArgumentException(
          "The files of the model folder " + directory + " are not sorted or one is there twice");
    }
  }

  /** The creation time as MLmodel and {@code runs/log-model} write it: UTC with microseconds. */
  public String utcTimeCreated() {
    return utcTime(created);
  }

  static String utcTime(Instant instant) {
    return MICROSECONDS.format(instant);
  }
}
