package winequality.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VersionTest {

  private static final Pattern NAMED =
      Pattern.compile(
          "(?:wine-quality-training-|wine-quality-training@|wine-quality:)(\\d+\\.\\d+\\.\\d+)");

  @Test
  void filesThatNameTheJarNameTheVersionOfThePom() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    String version = pom.replaceFirst("(?s).*?<version>(.*?)</version>.*", "$1");
    TreeSet<String> named = new TreeSet<>();
    int files = 0;
    for (Path folder : List.of(Path.of("deploy"), Path.of("docs"), Path.of("src", "bench"))) {
      try (Stream<Path> found = Files.walk(folder)) {
        for (Path file :
            found
                .filter(
                    path -> path.toString().matches(".*(wine|Dockerfile|\\.(ya?ml|md|py|json))"))
                .filter(Files::isRegularFile)
                .toList()) {
          List<String> versions =
              NAMED.matcher(Files.readString(file)).results().map(of -> of.group(1)).toList();
          named.addAll(versions);
          files += versions.isEmpty() ? 0 : 1;
        }
      }
    }
    assertThat(files).isGreaterThan(7);
    assertThat(named).containsExactly(version);
    assertThat(Path.of("CHANGELOG.md")).content().contains("\n## " + version + " (");
  }
}
