package winequality.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import winequality.config.SettingsSource.Assignment;
import winequality.data.ColumnDescription;
import winequality.data.DataSettings;
import winequality.holdout.HoldoutSettings;
import winequality.learning.LearningSettings;

class SettingsLoaderTest {

  @TempDir Path folder;

  @Test
  void defaultsAreThoseOfTheReference() {
    Settings settings = load();
    assertThat(settings.data())
        .isEqualTo(
            new DataSettings(
                "data/winequality-red.csv",
                ".local/tables/wine",
                ".local/tables/wine_quarantine",
                0.05));
    assertThat(settings.holdout()).isEqualTo(new HoldoutSettings(0.75, 42L));
    assertThat(settings.learning())
        .isEqualTo(
            new LearningSettings(
                0.5, 0.5, false, true, 1000, 1e-12, "normal", "squaredError", 1.35, 2));
  }

  @Test
  void wineIsDescribedWithElevenFeaturesAndQualityAsLabel() {
    Settings settings = load();
    assertThat(settings.dataset().label()).isEqualTo("quality");
    assertThat(settings.dataset().features())
        .containsExactly(
            "fixed acidity",
            "volatile acidity",
            "citric acid",
            "residual sugar",
            "chlorides",
            "free sulfur dioxide",
            "total sulfur dioxide",
            "density",
            "pH",
            "sulphates",
            "alcohol");
    assertThat(settings.dataset().columns())
        .contains(new ColumnDescription("density", "g/cm³", 0.9, 1.2));
  }

  @Test
  void everyKeyCanBeChanged() {
    Settings settings =
        load(
            "data.source=s3a://bucket/a,b.csv",
            "data.table=main.wine.accepted",
            "data.quarantine-table=main.wine.refused",
            "data.max-quarantine-fraction=0.5",
            "holdout.train-fraction=0.6",
            "holdout.seed=-7",
            "learning.reg-param=0.25",
            "learning.elastic-net-param=0",
            "learning.standardization=true",
            "learning.fit-intercept=false",
            "learning.max-iterations=7",
            "learning.tolerance=1e-3",
            "learning.solver=l-bfgs",
            "learning.loss=huber",
            "learning.huber-epsilon=2",
            "learning.aggregation-depth=3");
    assertThat(settings.data())
        .isEqualTo(
            new DataSettings(
                "s3a://bucket/a,b.csv", "main.wine.accepted", "main.wine.refused", 0.5));
    assertThat(settings.holdout()).isEqualTo(new HoldoutSettings(0.6, -7L));
    assertThat(settings.learning())
        .isEqualTo(
            new LearningSettings(0.25, 0.0, true, false, 7, 1e-3, "l-bfgs", "huber", 2.0, 3));
  }

  @Test
  void laterLayersWin() throws IOException {
    Path file = file("holdout.seed = 1, holdout.train-fraction = 0.5");
    Settings settings = load(Optional.of(file), Map.of(), "holdout.seed=2", "holdout.seed=3");
    assertThat(settings.holdout()).isEqualTo(new HoldoutSettings(0.5, 3L));
  }

  @Test
  void aFileMayReferToDefaultsAndVariables() throws IOException {
    Path file =
        file("data.table = ${HOME_OF_TABLES}/wine\ndata.quarantine-table = ${data.table}_bad");
    Settings settings = load(Optional.of(file), Map.of("HOME_OF_TABLES", "/tables"));
    assertThat(settings.data().quarantineTable()).isEqualTo("/tables/wine_bad");
  }

  @Test
  void anotherDatasetNeedsAnotherFileOnly() throws IOException {
    Path file =
        file(
            "dataset { name = beer, label = score, columns = [{name = ibu, min = 0}, {name = score}] }");
    Settings settings = load(Optional.of(file), Map.of());
    assertThat(settings.dataset().columns())
        .containsExactly(
            new ColumnDescription("ibu", "", 0, Double.POSITIVE_INFINITY),
            new ColumnDescription("score", "", Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
  }

  @Test
  void everythingWrongIsReportedAtOnceWithOriginAndNearestKey() throws IOException {
    Path file =
        file(
            """
            holdout {
              train-fracton = 0.7
              train-fraction = 1.2
            }
            learning.standardization = ture
            """);
    InvalidSettingsException e =
        catchThrowableOfType(
            InvalidSettingsException.class,
            () ->
                load(
                    Optional.of(file),
                    Map.of(),
                    "learning.reg-param=NaN",
                    "learning.elastic-net-param=2",
                    "data.table=same",
                    "data.quarantine-table=same",
                    "holdot.seed=1"));
    assertThat(e)
        .hasMessageStartingWith("7 problems in the settings:")
        .hasMessageContaining(
            file
                + ":2: unknown key \"holdout.train-fracton\"; did you mean \"holdout.train-fraction\"?")
        .hasMessageContaining(
            file + ":3: holdout.train-fraction is 1.2; it must lie strictly between 0 and 1")
        .hasMessageContaining(
            file + ":5: learning.standardization is \"ture\"; it must be true or false")
        .hasMessageContaining(
            "--set learning.reg-param=NaN: learning.reg-param is \"NaN\"; it must be a finite number")
        .hasMessageContaining(
            "--set learning.elastic-net-param=2: learning.elastic-net-param is 2.0")
        .hasMessageContaining("data.quarantine-table is the same as data.table")
        .hasMessageContaining(
            "--set holdot.seed=1: unknown key \"holdot.seed\"; did you mean \"holdout.seed\"?");
    assertThat(e.problems()).hasSize(7);
  }

  @Test
  void aFileThatIsNotThereIsAProblemBesidesTheOthers() {
    assertThatThrownBy(
            () ->
                load(
                    Optional.of(folder.resolve("none.conf")), Map.of(), "holdout.train-fraction=0"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageStartingWith("2 problems")
        .hasMessageContaining("none.conf: there is no such file")
        .hasMessageContaining("holdout.train-fraction is 0.0");
  }

  @Test
  void aFolderIsNoSettingsFile() {
    assertThatThrownBy(() -> load(Optional.of(folder), Map.of()))
        .hasMessageContaining("the file cannot be read");
  }

  @Test
  void brokenHoconNamesFileAndLine() throws IOException {
    Path file = file("holdout.seed = 1\nholdout {");
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("the file is not valid HOCON")
        .hasMessageContaining(file.toString());
  }

  @Test
  void anUnknownKeyOfAColumnIsNamedWithItsPlace() throws IOException {
    Path file =
        file("dataset { name = b, label = s, columns = [{name = i, minimum = 0}, {name = s}] }");
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .hasMessageContaining(
            "unknown key \"dataset.columns[0].minimum\"; did you mean \"dataset.columns[0].min\"?");
  }

  @Test
  void valuesWhereGroupsBelongAndGroupsWhereValuesBelongAreRefused() {
    assertThatThrownBy(() -> load("holdout=5", "learning.reg-param={ a = 1 }"))
        .hasMessageContaining("\"holdout\" is a group of keys")
        .hasMessageContaining("learning.reg-param is a group of keys; it must be a text");
  }

  @Test
  void equalSettingsHaveEqualFingerprintsWhateverTheirSpelling() {
    assertThat(load("learning.reg-param=5e-1").fingerprint()).isEqualTo(load().fingerprint());
    assertThat(load("learning.reg-param=0.4").fingerprint()).isNotEqualTo(load().fingerprint());
    assertThat(load("data.table=elsewhere").fingerprint()).isEqualTo(load().fingerprint());
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("own.conf"), text);
  }

  private static Settings load(String... assignments) {
    return load(Optional.empty(), Map.of(), assignments);
  }

  private static Settings load(
      Optional<Path> file, Map<String, String> environment, String... assignments) {
    List<Assignment> all = new ArrayList<>();
    for (String text : assignments) {
      int equals = text.indexOf('=');
      all.add(
          new Assignment("--set " + text, text.substring(0, equals), text.substring(equals + 1)));
    }
    return new SettingsLoader().load(new SettingsSource(file, all, environment));
  }
}
