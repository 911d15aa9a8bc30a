package winequality.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.config.SettingsSource.Assignment;

/** Run one behind the other as they stand, the notebooks find what the earlier ones left. */
class NotebookDefaultsTest {

  private static final Path NOTEBOOKS = Path.of("notebooks-export");
  private static final Pattern WIDGET =
      Pattern.compile(
          "widgets\\.text\\(\"(\\w+)\", \"([^\"]*)\"\\)|CREATE WIDGET TEXT (\\w+) DEFAULT '([^']*)'");

  @Test
  void whatTheJarsNotebookWritesIsWhatTheOthersRead() throws IOException {
    Map<String, String> jar = defaults("2-train-with-the-jar.scala");
    Settings settings =
        new SettingsLoader()
            .load(
                new SettingsSource(
                    Optional.of(Path.of(jar.get("settings"))),
                    Stream.of("catalog", "schema", "volume")
                        .map(name -> new Assignment("--set", "databricks." + name, jar.get(name)))
                        .toList(),
                    Map.of()));
    Map<String, String> python = defaults("3-compare-and-load.py");
    assertThat(python)
        .containsEntry("experiment", settings.mlflow().run().experimentName())
        .containsEntry("model", settings.registry().modelName())
        .containsEntry("alias", "champion");
    assertThat(python.get("source")).startsWith(settings.data().source());
    assertThat(defaults("1-original-workflow.r")).containsEntry("source", python.get("source"));
    Map<String, String> sql = defaults("4-the-tables.sql");
    assertThat(settings.data().table())
        .isEqualTo(sql.get("catalog") + "." + sql.get("schema") + ".wine");
  }

  private static Map<String, String> defaults(String notebook) throws IOException {
    Map<String, String> defaults = new HashMap<>();
    Matcher widget = WIDGET.matcher(Files.readString(NOTEBOOKS.resolve(notebook)));
    while (widget.find()) {
      boolean sql = widget.group(1) == null;
      defaults.put(widget.group(sql ? 3 : 1), widget.group(sql ? 4 : 2));
    }
    assertThat(defaults).as(notebook).isNotEmpty();
    return defaults;
  }
}
