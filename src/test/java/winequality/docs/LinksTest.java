package winequality.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Links within the project; nobody is asked about those to other places. */
class LinksTest {

  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");

  static Stream<Path> pages() {
    return Pages.all().stream();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsToAFileAndAHeadingThatThereAre(Path page) {
    List<String> broken = new ArrayList<>();
    Matcher link = LINK.matcher(Pages.prose(page));
    while (link.find()) {
      String target = link.group(1);
      int hash = target.indexOf('#');
      String path = hash < 0 ? target : target.substring(0, hash);
      if (!target.contains("://")) {
        Path file = path.isEmpty() ? page : page.resolveSibling(path).normalize();
        if (!Files.exists(file)
            || (hash >= 0 && !anchors(file).contains(target.substring(hash + 1)))) {
          broken.add(target);
        }
      }
    }

    assertThat(broken).isEmpty();
  }

  /** Anchors as GitHub makes them; deploy/local/mkdocs.yml makes the same. */
  private static List<String> anchors(Path page) {
    return HEADING
        .matcher(Pages.text(page))
        .results()
        .map(
            heading ->
                heading
                    .group(1)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                    .replace(' ', '-'))
        .toList();
  }
}
