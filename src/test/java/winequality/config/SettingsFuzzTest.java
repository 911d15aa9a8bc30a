package winequality.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import testing.Mutations;
import winequality.config.SettingsSource.Assignment;

/** Any settings file, value of the command line and recorded settings are read or refused. */
class SettingsFuzzTest {

  private static final Path FILE = newFile();
  private static final SettingsLoader LOADER = new SettingsLoader();
  private static final Map<String, String> ENVIRONMENT =
      Map.of("WINE_HOME", "/w", "WINE_STATE", "/s");

  private static Path newFile() {
    try {
      return Files.createTempDirectory("fuzz").resolve("own.conf");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterContainer
  static void delete() throws IOException {
    Files.deleteIfExists(FILE);
    Files.delete(FILE.getParent());
  }

  @Provide
  Arbitrary<byte[]> texts() {
    return Mutations.of(
        Mutations.corpus("settings"),
        List.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            "\"\"\"",
            "${",
            "${?",
            "${dataset}",
            "${dataset.columns}",
            "=",
            "+=",
            ":",
            "include \"own.conf\"\n",
            "include \"x\"",
            "include file(\"/etc/passwd\")",
            "include url(\"http://127.0.0.1:9/\")",
            "include required(classpath(\"a\"))",
            "\n",
            "#",
            "null",
            "true",
            "1e999",
            "-1",
            "NaN",
            "10s",
            "dataset",
            "columns",
            ".",
            "\\u0000",
            ",",
            "learning.reg-param",
            "a.b.c"));
  }

  @Example
  void theCorpus() throws IOException {
    for (byte[] text : Mutations.corpus("settings")) {
      for (int way = 0; way <= 6; way++) {
        anyText(text, way);
      }
    }
  }

  @Property(seed = "18")
  void anyText(@ForAll("texts") byte[] text, @ForAll @IntRange(max = 6) int way)
      throws IOException {
    String own = new String(text, StandardCharsets.UTF_8);
    switch (way) {
      case 0 -> readOrRefused(() -> LOADER.recorded(own, "settings.conf"));
      case 1 -> assigned("dataset", own);
      case 2 -> assigned("dataset", "[" + own);
      case 3 -> assigned("learning", "{" + own);
      case 4 -> assigned("data.source", "\"" + own);
      case 5 -> assigned(own, "1");
      default -> {
        Files.write(FILE, text);
        load(Optional.of(FILE), List.of());
      }
    }
  }

  private static void assigned(String key, String value) {
    load(Optional.empty(), List.of(new Assignment("--set", key, value)));
  }

  private static void load(Optional<Path> file, List<Assignment> assignments) {
    readOrRefused(() -> LOADER.load(new SettingsSource(file, assignments, ENVIRONMENT)));
  }

  private static void readOrRefused(Runnable read) {
    try {
      read.run();
    } catch (InvalidSettingsException e) {
      assertThat(e).hasMessageContaining("problem");
    }
  }
}
