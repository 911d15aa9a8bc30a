package winequality.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The project that the pages show is the one that {@code ConsumerProjectIT} builds and runs. */
class PipelineExampleTest {

  private static final Path PROJECT = Path.of("src/test/resources/consumer");
  private static final Path FOREST = PROJECT.resolve("src/main/java/forest/Forest.java");
  private static final Path PAGE = Path.of("docs", "own-pipeline.md");

  @Test
  void thePageShowsTheClassThatIsTested() throws IOException {
    String shown =
        Files.readAllLines(FOREST).stream()
            .filter(line -> !line.matches("import (java|org\\.apache)\\..*"))
            .collect(Collectors.joining("\n", "```java\n", "\n```\n"));

    assertThat(PAGE).content().contains(shown);
  }

  @Test
  void thePageShowsTheDependencyThatIsTested() throws IOException {
    String pom = Files.readString(PROJECT.resolve("pom.xml"));
    int end = pom.indexOf("    <dependency>\n", pom.indexOf("<artifactId>sparkmlflow"));
    String shown = "```xml\n" + pom.substring(pom.indexOf("    <dependency>\n"), end) + "```\n";

    assertThat(PAGE).content().contains(shown);
  }

  @Test
  void theReadmeShowsTheLinesOfThatClassThatLog() throws IOException {
    String shown =
        Files.readAllLines(FOREST).stream()
            .dropWhile(line -> !line.startsWith("    try ("))
            .takeWhile(line -> line.startsWith("    "))
            .map(line -> line.substring(4))
            .collect(Collectors.joining("\n", "```java\n", "\n```\n"));

    assertThat(Path.of("README.md")).content().contains(shown);
  }
}
