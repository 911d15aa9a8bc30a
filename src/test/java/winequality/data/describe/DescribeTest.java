package winequality.data.describe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.SparkTest;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;
import winequality.data.WineFiles;

/** The draft of a description is a complete file of settings that says what it doubts. */
class DescribeTest extends SparkTest {

  @TempDir Path folder;

  @Test
  void eachColumnGetsItsKindRangeAndDoubts() {
    List<String> lines = new ArrayList<>(List.of("\"\";Solar.R;cut;grade;note;same;price"));
    for (int i = 1; i <= 40; i++) {
      lines.add(
          "%d;%s;%s;%d;text %d;7;%s"
              .formatted(
                  i,
                  i == 3 ? "NA" : i / 8.0,
                  i == 5 ? "" : i == 6 ? "\"Very; good\"" : i % 2 == 0 ? "Good" : "Fair",
                  i % 4,
                  i,
                  i == 9 ? "?" : -0.5 * i));
    }
    String text = describe(lines, Optional.empty());
    assertThat(text.lines().skip(2))
        .containsSequence(
            "dataset {",
            "  name = \"my_table\"",
            "  label = \"price\"   # the last number; name another one with --label",
            "  columns = [",
            "    # it numbers the rows",
            "    # left out: \"_c0\"",
            "    # 1 of 40 values are missing: missing = quarantine refuses these rows, and missing-indicator = true adds a column",
            "    { name = \"Solar_R\", header = \"Solar.R\", unit = \"\", min = 0.125, max = 5.0, missing = mean }",
            "    # levels in fewer than 5 rows: \"Very; good\"; without them in the list they count as unknown",
            "    # 1 of 40 values are missing and count as unknown levels",
            "    { name = \"cut\", unit = \"\", kind = category, levels = [\"Fair\", \"Good\", \"Very; good\"], unknown = other }",
            "    # 4 different whole numbers: if they are codes, write kind = category for min and max",
            "    { name = \"grade\", unit = \"\", min = 0.0, max = 3.0 }",
            "    # it has about 40 different texts, such as \"text 9\": an identifier or free text",
            "    # left out: \"note\"",
            "    # it is 7.0 everywhere",
            "    # left out: \"same\"",
            "    # 1 of 40 values are missing: missing = quarantine refuses these rows, and missing-indicator = true adds a column",
            "    { name = \"price\", unit = \"\", min = -20.0, max = -0.5 }");
    Settings settings = loaded(text);
    assertThat(settings.dataset().features()).containsExactly("Solar_R", "cut", "grade");
    assertThat(settings.dataset().columns())
        .extracting(ColumnDescription::kind)
        .contains(
            new ColumnKind.Numeric(ColumnKind.Missing.MEAN, ColumnKind.Indicator.NONE),
            new ColumnKind.Category(
                List.of("Fair", "Good", "Very; good"), ColumnKind.Unknown.OTHER, 1));
    assertThat(settings.registry().modelName()).isEqualTo("my_table");
    assertThat(settings.data().table()).isEqualTo(".local/tables/my_table");
  }

  @Test
  void theLabelCanBeChosenAndMustBeANumber() {
    List<String> lines = List.of("y,x,c", "1,2,u", "2,5,u", "3,4,v", "5,3,v");
    assertThat(loaded(describe(lines, Optional.of("y"))).dataset().label()).isEqualTo("y");
    assertThatThrownBy(() -> describe(lines, Optional.of("c")))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining(
            "no column of different numbers called \"c\" to predict; it has y, x, c");
    assertThatThrownBy(() -> describe(List.of("y", "1", "2", "4"), Optional.empty()))
        .hasMessageContaining("has no column besides the label");
    assertThatThrownBy(() -> describe(List.of("y,x"), Optional.empty()))
        .hasMessageContaining("has no rows");
  }

  @Test
  void theWinesAreNumbersAndLinesThatAreNoRowsAreCounted() {
    List<String> lines = new ArrayList<>(WineFiles.redLines());
    lines.add("1,2");
    String text = describe(lines, Optional.empty());
    assertThat(text).contains("# 1 lines have no form of a row and are quarantined.");
    Settings settings = loaded(text);
    assertThat(settings.dataset().label()).isEqualTo("quality");
    assertThat(settings.dataset().columns())
        .hasSize(12)
        .allMatch(column -> column.kind().equals(ColumnKind.NUMBER))
        .contains(new ColumnDescription("density", "", 0.99007, 1.00369));
  }

  @Test
  void rowsWithoutALabelMayBeRefused() {
    List<String> lines = new ArrayList<>(List.of("x,y"));
    for (int i = 1; i <= 40; i++) {
      lines.add(i * i + "," + (i % 4 == 0 ? "NA" : String.valueOf(i % 7)));
    }
    assertThat(loaded(describe(lines, Optional.of("y"))).data().maxQuarantineFraction())
        .isEqualTo(0.25);
    assertThat(loaded(describe(lines, Optional.of("x"))).data().maxQuarantineFraction())
        .isEqualTo(0.05);
  }

  @Test
  void tablesAreDescribedToo() {
    String table = folder.resolve("delta").resolve("wines").toString();
    WineFiles.wines(spark())
        .selectExpr("CAST(quality AS INT) AS quality", "pH", "if(pH > 3.3, 'high', 'low') AS acid")
        .write()
        .format("delta")
        .save(table);
    String text = new TableDescriber(spark()).describe(table, Optional.of("quality"));
    assertThat(text)
        .contains(
            "{ name = \"acid\", unit = \"\", kind = category, levels = [\"high\", \"low\"] }");
    assertThat(loaded(text).data().source()).isEqualTo(table);
  }

  private String describe(List<String> lines, Optional<String> label) {
    String file = WineFiles.write(folder.resolve("my table.csv"), lines).toString();
    return new TableDescriber(spark()).describe(file, label);
  }

  private Settings loaded(String text) {
    Path file = WineFiles.write(folder.resolve("mine.conf"), text);
    return new SettingsLoader().load(new SettingsSource(Optional.of(file), List.of(), Map.of()));
  }
}
