package sparkmlflow.run;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import sparkmlflow.model.ModelFolder;

/** Model folders that nothing can load. */
final class TestModels {

  private TestModels() {}

  /** A folder of a few bytes. */
  static ModelFolder small(Path directory) {
    return withPart(directory, 2);
  }

  /** A folder with one file of so many bytes, all zero, which need no space on most disks. */
  static ModelFolder withPart(Path directory, long bytes) {
    try {
      Files.createDirectories(directory.resolve("sparkml/metadata"));
      Files.writeString(directory.resolve("MLmodel"), "flavors: {}\n");
      try (RandomAccessFile part =
          new RandomAccessFile(directory.resolve("sparkml/metadata/part-00000").toFile(), "rw")) {
        part.setLength(bytes);
      }
      Files.writeString(directory.resolve("sparkml/metadata/_SUCCESS"), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ModelFolder(
        directory,
        "model",
        UUID.randomUUID().toString().replace("-", ""),
        Instant.now(),
        Map.of("spark", Map.of("model_data", "sparkml", "pyspark_version", "4.0.1")),
        List.of("MLmodel", "sparkml/metadata/_SUCCESS", "sparkml/metadata/part-00000"));
  }
}
