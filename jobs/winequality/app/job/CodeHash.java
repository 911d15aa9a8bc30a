package winequality.app.job;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import winequality.data.Fingerprint;

/**
 * A hash of the program's own classes. A commit that does not change them, or another build of the
 * same sources, has the same hash.
 */
public final class CodeHash {

  private static final List<String> OWN = List.of("elasticnet/", "sparkmlflow/", "winequality/");
  private static final String FOREIGN = "winequality/shaded/";

  private static final String VALUE = compute();

  private CodeHash() {}

  /** The hash of the running classes. */
  public static String value() {
    return VALUE;
  }

  private static String compute() {
    try {
      Path place =
          Path.of(CodeHash.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(place)) {
        return of(place);
      }
      try (FileSystem jar = FileSystems.newFileSystem(place)) {
        return of(jar.getPath("/"));
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("The program's own classes cannot be read", e);
    }
  }

  private static String of(Path root) throws IOException {
    Map<String, Long> sums = new TreeMap<>();
    for (String own : OWN) {
      try (Stream<Path> files = Files.walk(root.resolve(own))) {
        for (Path file : files.toList()) {
          String name = root.relativize(file).toString().replace('\\', '/');
          if (!name.startsWith(FOREIGN) && name.endsWith(".class")) {
            CRC32C sum = new CRC32C();
            sum.update(Files.readAllBytes(file));
            sums.put(name, sum.getValue());
          }
        }
      }
    }
    return Fingerprint.of(
        sums.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining("\n")));
  }
}
