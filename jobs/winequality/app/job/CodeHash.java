package winequality.app.job;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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

  /** The hash of the running classes. */
  public static final String VALUE = compute();

  private CodeHash() {}

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
    Set<String> sums = new TreeSet<>();
    for (String own : OWN) {
      try (Stream<Path> files = Files.walk(root.resolve(own))) {
        for (Path file : files.toList()) {
          String name = root.relativize(file).toString().replace('\\', '/');
          if (!name.startsWith(FOREIGN) && name.endsWith(".class")) {
            CRC32C sum = new CRC32C();
            sum.update(Files.readAllBytes(file));
            sums.add(name + " " + sum.getValue());
          }
        }
      }
    }
    return Fingerprint.of(String.join("\n", sums));
  }
}
