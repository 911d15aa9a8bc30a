package winequality;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The project in the README is the one that {@code ConsumerProjectIT} builds and runs. */
class ReadmeExampleTest {

  private static final Path PROJECT = Path.of("src/test/resources/consumer");

  @Test
  void theReadmeShowsTheClassThatIsTested() throws IOException {
    String shown =
        Files.readAllLines(PROJECT.resolve("src/main/java/forest/Forest.java")).stream()
            .filter(line -> !line.matches("import (java|org\\.apache)\\..*"))
            .collect(Collectors.joining("\n", "```java\n", "\n```\n"));

    assertThat(Files.readString(Path.of("README.md"))).contains(shown);
  }

  @Test
  void theReadmeShowsTheDependencyThatIsTested() throws IOException {
    String pom = Files.readString(PROJECT.resolve("pom.xml"));
    int end = pom.indexOf("    <dependency>\n", pom.indexOf("<artifactId>sparkmlflow"));
    String shown = "```xml\n" + pom.substring(pom.indexOf("    <dependency>\n"), end) + "```\n";

    assertThat(Files.readString(Path.of("README.md"))).contains(shown);
  }
}
