package winequality.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pages that a reader of the project sees: README, docs and the texts that these lead to. */
final class Pages {

  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");

  private Pages() {}

  /** All pages, by their paths from the project's folder. */
  static List<Path> all() {
    try (Stream<Path> docs = Files.list(Path.of("docs"))) {
      return Stream.concat(
              Stream.of("README.md", "CONTRIBUTING.md", "deploy/spark/README.md").map(Path::of),
              docs.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The page without its fenced blocks and its words of code. */
  static String prose(Path page) {
    return BLOCK.matcher(text(page)).replaceAll("").replaceAll("`[^`\\n]+`", "");
  }

  /** The fenced blocks of one of these languages. */
  static List<String> blocks(Path page, String... languages) {
    List<String> found = new ArrayList<>();
    Matcher block = BLOCK.matcher(text(page));
    while (block.find()) {
      if (Set.of(languages).contains(block.group(1))) {
        found.add(block.group(2));
      }
    }
    return found;
  }
}
