package winequality.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page about settings is made from the comments and defaults of the reference. */
class SettingsPageTest {

  private static final Path REFERENCE = Path.of("conf", "reference.conf");
  private static final Path PAGE = Path.of("docs", "settings.md");
  private static final Pattern GROUP = Pattern.compile("([a-z-]+) \\{");
  private static final Pattern KEY = Pattern.compile("([a-z-]+) = (.*)");

  private static final String INTRODUCTION =
      """
      # Settings

      After this page you know what every key means. It is made from [conf/reference.conf](../conf/reference.conf); \
      [getting started](getting-started.md#settings) says how to set a key.
      """;

  private final StringBuilder page = new StringBuilder(INTRODUCTION);
  private final Deque<String> groups = new ArrayDeque<>();
  private final List<String> comment = new ArrayList<>();
  private final List<String> keys = new ArrayList<>();
  private final Set<String> written = new TreeSet<>();

  @Test
  void thePageIsWhatTheReferenceSays() throws IOException {
    for (String line : Files.readAllLines(REFERENCE)) {
      read(line.strip());
    }
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }

    assertThat(written).isEqualTo(keysOfTheReference());
    assertThat(PAGE)
        .as("mvn test -Dtest=SettingsPageTest -Ddocs.write=true makes the page anew")
        .content()
        .isEqualTo(page.toString());
  }

  private static Set<String> keysOfTheReference() {
    Set<String> all = new TreeSet<>();
    ConfigFactory.parseFile(REFERENCE.toFile())
        .entrySet()
        .forEach(entry -> all.add(entry.getKey()));
    all.removeAll(List.of("dataset.name", "dataset.label", "dataset.columns"));
    return all;
  }

  private void read(String line) {
    Matcher group = GROUP.matcher(line);
    Matcher key = KEY.matcher(line);
    if (line.startsWith("#")) {
      endOfKeys();
      comment.add(line.replaceFirst("# ?", ""));
    } else if (group.matches()) {
      endOfKeys();
      groups.addLast(group.group(1));
      page.append("\n%s %s\n".formatted("#".repeat(groups.size() + 1), path()));
      paragraph();
    } else if (key.matches()) {
      String name = path() + "." + key.group(1);
      written.add(name);
      keys.add("**`%s`** = `%s`".formatted(name, key.group(2)));
    } else {
      endOfKeys();
      if (line.startsWith("include")) {
        page.append(
            "\nThe default is [conf/dataset/wine.conf](../conf/dataset/wine.conf), which shows all of these.\n");
      } else if (line.equals("}")) {
        groups.removeLast();
      } else {
        comment.clear();
      }
    }
  }

  /** Keys that follow each other share the comment before the first. */
  private void endOfKeys() {
    if (!keys.isEmpty()) {
      page.append('\n').append(String.join(", ", keys)).append("<br>");
      if (comment.isEmpty()) {
        page.setLength(page.length() - "<br>".length());
        page.append('\n');
      } else {
        paragraph();
      }
      keys.clear();
    }
  }

  private void paragraph() {
    if (!comment.isEmpty()) {
      page.append('\n');
    }
    boolean list = false;
    for (String line : comment) {
      Matcher item = Pattern.compile("  ([a-z-]+) {2,}(.*)").matcher(line);
      if (item.matches()) {
        page.append(list ? "" : "\n")
            .append("- `%s`: %s\n".formatted(item.group(1), text(item.group(2))));
        list = true;
      } else {
        page.append(text(line)).append('\n');
      }
    }
    comment.clear();
  }

  private String path() {
    return String.join(".", groups);
  }

  /**
   * The comment's text, whose characters mean nothing to Markdown but for its code in backticks.
   */
  private static String text(String line) {
    String[] parts = line.split("`", -1);
    for (int i = 0; i < parts.length; i += 2) {
      parts[i] = parts[i].replaceAll("([\\\\*<>\\[\\]]|(?<!\\w)_)", "\\\\$1");
    }
    return String.join("`", parts);
  }
}
