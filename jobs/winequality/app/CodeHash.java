package winequality.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import winequality.data.Fingerprint;

/**
 * A name for the program's own classes, wherever they were built: a commit that leaves them as they
 * are, or a new build of the same sources, has the same one.
 */
final class CodeHash {

  private static final String OWN = "winequality/";
  private static final String FOREIGN = "winequality/shaded/";

  private CodeHash() {}

  /** The name for the classes that run. */
  static String value() {
    return Holder.VALUE;
  }

  private static final class Holder {
    private static final String VALUE = compute();
  }

  private static String compute() {
    try {
      Path place =
          Path.of(CodeHash.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Map<String, Long> sums = Files.isDirectory(place) ? inFolder(place) : inJar(place);
      return Fingerprint.of(
          sums.entrySet().stream()
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining("\n")));
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("The program's own classes cannot be read", e);
    }
  }

  private static Map<String, Long> inJar(Path jar) throws IOException {
    Map<String, Long> sums = new TreeMap<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (ZipEntry entry : file.stream().<ZipEntry>map(each -> each).toList()) {
        if (isOwn(entry.getName())) {
          try (InputStream bytes = file.getInputStream(entry)) {
            sums.put(entry.getName(), sum(bytes));
          }
        }
      }
    }
    return sums;
  }

  private static Map<String, Long> inFolder(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      Map<String, Long> sums = new TreeMap<>();
      files
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .filter(CodeHash::isOwn)
          .forEach(
              name -> {
                try (InputStream bytes = Files.newInputStream(folder.resolve(name))) {
                  sums.put(name, sum(bytes));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      return sums;
    }
  }

  private static boolean isOwn(String name) {
    return name.startsWith(OWN) && !name.startsWith(FOREIGN) && name.endsWith(".class");
  }

  private static long sum(InputStream bytes) throws IOException {
    CRC32C sum = new CRC32C();
    sum.update(Objects.requireNonNull(bytes).readAllBytes());
    return sum.getValue();
  }
}
