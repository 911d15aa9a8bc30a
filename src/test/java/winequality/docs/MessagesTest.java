package winequality.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MessagesTest {

  private static final Pattern QUOTE = Pattern.compile("`([^`]+)`");

  @Test
  void everyMessageInTroubleshootingIsInTheSources() throws IOException {
    String sources = sources();
    List<String> quoted =
        Pages.text(Path.of("docs", "troubleshooting.md"))
            .lines()
            .filter(line -> line.startsWith("- `"))
            .map(line -> line.split(" → ", -1)[0])
            .toList();
    assertThat(quoted).hasSizeGreaterThan(50);
    List<String> unknown = new ArrayList<>();
    for (String cell : quoted) {
      Matcher quote = QUOTE.matcher(cell);
      while (quote.find()) {
        Stream.of(quote.group(1).split("…"))
            .filter(part -> part.strip().length() > 2 && !sources.contains(part.strip()))
            .forEach(unknown::add);
      }
    }

    assertThat(unknown).isEmpty();
  }

  /** What the programs say, with the parts of a message that the source adds up in one piece. */
  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String folder : List.of("jobs", "deploy/local")) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          all.append(Files.readString(file));
        }
      }
    }
    return all.toString().replaceAll("\"\\s*\\+\\s*\"", "").replace("\\\"", "\"");
  }
}
