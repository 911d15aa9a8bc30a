package winequality.data.describe;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap.Indicator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.LogLines;
import testing.SparkTest;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;
import winequality.data.WineFiles;
import winequality.data.csv.CheckedSource;
import winequality.data.csv.CsvLayout;
import winequality.data.csv.CsvSource;
import winequality.data.table.SourceRows;
import winequality.data.table.TableVersion;

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
            "    # \"_c0\" is left out: it numbers the rows",
            "    # 1 of 40 values is missing: missing = quarantine refuses these rows, and missing-indicator = true adds a column",
            "    { name = \"Solar_R\", header = \"Solar.R\", unit = \"\", min = 0.125, max = 5.0, missing = mean }",
            "    # levels in fewer than 5 rows: \"Very; good\"; without them in the list they count as unknown",
            "    # 1 of 40 values is missing and counts as an unknown level",
            "    { name = \"cut\", unit = \"\", kind = category, levels = [\"Fair\", \"Good\", \"Very; good\"], unknown = other }",
            "    # 4 different whole numbers: if they are codes, write kind = category for min and max",
            "    { name = \"grade\", unit = \"\", min = 0.0, max = 3.0 }",
            "    # \"note\" is left out: it has about 40 different texts, such as \"text 9\": an identifier or free text",
            "    # \"same\" is left out: it is 7.0 everywhere",
            "    # 1 of 40 values is missing: missing = quarantine refuses these rows, and missing-indicator = true adds a column",
            "    { name = \"price\", unit = \"\", min = -20.0, max = -0.5 }");
    Settings settings = loaded(text);
    assertThat(settings.dataset().features()).containsExactly("Solar_R", "cut", "grade");
    assertThat(settings.dataset().columns())
        .extracting(ColumnDescription::kind)
        .contains(
            new ColumnKind.Numeric(ColumnKind.Missing.MEAN, Indicator.NONE),
            new ColumnKind.Category(List.of("Fair", "Good", "Very; good"), Unknown.OTHER, 1));
    assertThat(settings.registry().modelName()).isEqualTo("my_table");
    assertThat(settings.data().table()).isEqualTo(".local/tables/my_table");
  }

  @Test
  void theLabelCanBeChosenAndMustBeANumber() {
    List<String> lines = List.of("y,x,c", "1,2,u", "2,5,u", "3,4,v", "5,3,v");
    assertThat(loaded(describe(lines, Optional.of("y"))).dataset().label()).isEqualTo("y");
    assertThatThrownBy(() -> describe(lines, Optional.of("c")))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContainingAll(
            "The column \"c\" of ",
            " cannot be predicted: it has 2 different texts, such as \"v\". Columns that can: y");
    assertThatThrownBy(() -> describe(lines, Optional.of("z")))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageEndingWith(" has no column \"z\"; it has y, x, c");
    assertThatThrownBy(() -> describe(List.of("y,x", "1,u", "1,v"), Optional.of("y")))
        .hasMessageEndingWith("it is 1.0 everywhere. No other column has different numbers either");
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
    assertThat(text)
        .contains(
            "# 1 line has another number of fields than the header, or an open quote; it is quarantined.")
        // though sugar and chlorides have long tails
        .doesNotContain("lies far");
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
  void wholeNumbersThatAllDifferMayBeAnIdentifier() {
    List<String> lines = new ArrayList<>(List.of("customer,age,y"));
    for (int i = 1; i <= 40; i++) {
      lines.add("%d,%d,%s".formatted(1000 + 7 * i, 20 + i % 19, i / 8.0));
    }
    assertThat(describe(lines, Optional.empty()))
        .containsOnlyOnce("identifier")
        .containsSubsequence(
            "# almost every row has its own whole number: if it is an identifier, remove this column",
            "\"customer\"",
            "\"age\"");
  }

  @Test
  void theNameOfADraftIsNotTheWines() {
    String file =
        WineFiles.write(folder.resolve("Wine.csv"), "x,y", "1,2", "2,4", "4,5").toString();
    Settings settings = loaded(new TableDescriber(spark(), 0.05).describe(file, Optional.empty()));
    assertThat(settings.dataset().name()).isEqualTo("wine_table");
    assertThat(settings.registry().modelName()).isEqualTo("wine_table");
  }

  @Test
  void tablesAreDescribedToo() {
    String table = folder.resolve("delta").resolve("wines").toString();
    WineFiles.wines(spark())
        .selectExpr("CAST(quality AS INT) AS quality", "pH", "if(pH > 3.3, 'high', 'low') AS acid")
        .write()
        .format("delta")
        .save(table);
    String text = new TableDescriber(spark(), 0.05).describe(table, Optional.of("quality"));
    assertThat(text)
        .contains(
            "{ name = \"acid\", unit = \"\", kind = category, levels = [\"high\", \"low\"] }");
    assertThat(loaded(text).data().source()).isEqualTo(table);
  }

  @Test
  void columnsOfATableAreDescribedByTheirTypes() {
    String table = folder.resolve("main.data.wine").toString();
    spark()
        .sql(
            "SELECT cast(id / 10 AS FLOAT) AS f, cast(id % 3 AS INT) AS grade, if(id = 7, double('NaN'), id * id) AS gap,"
                + " concat('', id % 4) AS code, id > 5 AS flag, array(id) AS list, DATE'2026-01-01' AS day, id % 2 AS y"
                + " FROM range(40)")
        .write()
        .format("delta")
        .save(table);
    String text = new TableDescriber(spark(), 0.05).describe(table, Optional.of("y"));
    assertThat(text.lines().skip(2))
        .containsSequence(
            "dataset {",
            "  name = \"main_data_wine\"",
            "  label = \"y\"",
            "  columns = [",
            "    { name = \"f\", unit = \"\", min = 0.0, max = 3.9000000953674316 }",
            "    { name = \"grade\", unit = \"\", min = 0.0, max = 2.0 }",
            "    # 1 of 40 values is missing: missing = quarantine refuses these rows, and missing-indicator = true adds a column",
            "    { name = \"gap\", unit = \"\", min = 0.0, max = 1521.0, missing = mean }",
            "    # \"code\" is left out: it has numbers as texts: cast it in the source, or describe it with kind = category",
            "    # \"flag\" is left out: it is boolean; cast it in the source",
            "    # \"list\" is left out: it is array<bigint>; cast it in the source",
            "    # \"day\" is left out: it is date; cast it in the source",
            "    { name = \"y\", unit = \"\", min = 0.0, max = 1.0 }");
    // the draft fits the table
    SourceRows rows =
        SourceRows.open(spark(), new TableVersion(table, 0), loaded(text).dataset().columns());
    assertThat(rows.accepted().count()).isEqualTo(40);
    assertThat(rows.accepted().filter("gap is null").count()).isEqualTo(1);
    // Parquet gets the same description
    String parquet = folder.resolve("main.data.wine.parquet").toString();
    spark()
        .read()
        .format("delta")
        .load(table)
        .withColumn("__index_level_0__", expr("2L * grade"))
        .write()
        .parquet(parquet);
    assertThat(new TableDescriber(spark(), 0.05).describe(parquet, Optional.of("y")))
        .isEqualTo(
            text.replace(table, parquet)
                .replace(
                    "  ]\n",
                    "    # \"__index_level_0__\" is left out: it is the index of a pandas frame\n  ]\n"));
  }

  @Test
  void aDamagedTableIsNamed() throws IOException {
    Path table = folder.resolve("damaged");
    spark().range(40).write().format("delta").save(table.toString());
    try (Stream<Path> files = Files.list(table)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".parquet")).toList()) {
        Files.delete(file);
      }
    }
    assertThatThrownBy(
            () -> new TableDescriber(spark(), 0.05).describe(table.toString(), Optional.empty()))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("is damaged: ");
  }

  @Test
  void aColumnWithoutANameKeepsItsHeaderAndOneThatOccursTwiceIsLeftOut() {
    List<String> lines = new ArrayList<>(List.of("\"\";a;A;b;y"));
    for (int i = 1; i <= 40; i++) {
      lines.add("%s;%d;%d;%d;%d".formatted(i / 8.0, i, i, i * i, -i * i));
    }
    String text = describe(lines, Optional.empty());
    assertThat(text)
        .contains("{ name = \"c0\", header = \"\", unit = \"\", min = 0.125, max = 5.0 }")
        .contains(
            "    # \"a1\" is left out: the header has it 2 times (upper and lower case count as one)\n")
        .contains("# \"A2\" is left out: ");
    Settings settings = loaded(text);
    assertThat(settings.dataset().features()).containsExactly("c0", "b");
    CsvSource source =
        CsvSource.open(
            settings.data().source(),
            settings.dataset(),
            spark().sparkContext().hadoopConfiguration());
    assertThat(source.layouts().values())
        .singleElement()
        .extracting(CsvLayout::positions)
        .isEqualTo(List.of(0, 3, 4));
  }

  @Test
  void refusedRowsAreCountedOnceAndLinesThatAreNoRowsToo() {
    List<String> lines = new ArrayList<>(List.of("a,b,y"));
    for (int i = 1; i <= 96; i++) {
      // two strays in one row, and another row without its label
      lines.add(
          i == 1 ? "bad,bad,1" : i == 2 ? "2,4,NA" : "%d,%d,%d".formatted(i * i, i * i + 1, i % 7));
    }
    lines.addAll(List.of("x", "x", "x", "x"));
    assertThat(loaded(describe(lines, Optional.of("y"))).data().maxQuarantineFraction())
        .isEqualTo(0.06);
    lines.subList(99, 101).clear();
    assertThat(describe(lines, Optional.of("y"))).doesNotContain("max-quarantine-fraction");
  }

  @Test
  void aNumberWithManyWordsIsNoIdentifier() {
    List<String> lines = new ArrayList<>(List.of("a,x,y"));
    for (int i = 1; i <= 200; i++) {
      lines.add("%s,%d,%d".formatted(i % 20 == 0 ? "n.d." : i / 8.0, i * i, i % 7));
    }
    assertThat(describe(lines, Optional.of("y")))
        .contains(
            "    # \"a\" is left out: 10 of 200 values are not numbers, such as \"n.d.\"; add it to dataset.missing-words if it stands for a missing value, and describe the column\n");
  }

  /** Pandas writes None for a missing text, and many a table has a level none. */
  @Test
  void wordsThatCountAsMissingInATextAreNamed() {
    List<String> lines = new ArrayList<>(List.of("alley,garage,x,y"));
    for (int i = 1; i <= 40; i++) {
      lines.add(
          "%s,%s,%d,%d"
              .formatted(
                  i % 10 == 0 ? "" : i % 5 == 0 ? "none" : i == 7 ? "NA" : i % 2 == 0 ? "a" : "b",
                  i % 2 == 0 ? "None" : "built",
                  i * i,
                  i % 7));
    }
    String text = describe(lines, Optional.of("y"));
    assertThat(text)
        .contains(
            "    # 9 of 40 values are missing and count as unknown levels: 4 empty, 1 \"NA\", 4 \"none\". If one of the words is a level, add it to levels\n")
        .contains(
            "    # \"garage\" is left out: it has the same text everywhere, or is missing: 20 \"None\". If one of the words is a level, describe the column with it in levels\n");
    // the advice is true
    Settings settings =
        loaded(
            text.replace("\"a\", \"b\"]", "\"a\", \"b\", \"none\"]")
                .replaceAll(
                    "    # \"garage\" is left out: .*",
                    "{ name = garage, kind = category, levels = [built, None] }"));
    CsvSource source =
        CsvSource.open(
            settings.data().source(),
            settings.dataset(),
            spark().sparkContext().hadoopConfiguration());
    try (CheckedSource read = CheckedSource.read(spark(), source, CheckedSource.Keep.VALUES)) {
      Dataset<Row> rows = read.accepted(source.files());
      assertThat(rows.filter("alley is null").count()).isEqualTo(5);
      assertThat(rows.filter("alley = 'none'").count()).isEqualTo(4);
      assertThat(rows.filter("garage = 'None'").count()).isEqualTo(20);
    }
  }

  @Test
  void decimalCommasAreNamedWithWhatToDo() {
    List<String> lines = new ArrayList<>(List.of("few;many;x;y"));
    for (int i = 1; i <= 40; i++) {
      lines.add(
          "%s;%s;%d;%d"
              .formatted(i % 2 == 0 ? "0,5" : "1", i == 7 ? "NA" : i + ",25", i * i, i % 7));
    }
    String must =
        ", which the job refuses (…-decimal-comma): write them as points, or leave them out if they separate thousands, and describe the source again";
    assertThat(describe(lines, Optional.of("y")))
        .contains(
            "    # \"few\" is left out: it has decimal commas, such as \"0,5\"%s\n    # \"many\" is left out: it has decimal commas, such as \"9,25\"%s\n"
                .formatted(must, must));
    assertThatThrownBy(() -> describe(lines, Optional.of("many")))
        .hasMessageEndingWith(
            "cannot be predicted: it has decimal commas, such as \"9,25\"%s. Columns that can: x, y"
                .formatted(must));
    lines.replaceAll(line -> line.replaceAll(";[^;]*;([^;]*)$", ";$1"));
    assertThatThrownBy(() -> describe(lines, Optional.of("y")))
        .hasMessageContaining("has no column besides the label")
        .hasMessageContaining("Left out:\n  few: it has decimal commas");
  }

  @Test
  void aLevelMayBeCalledOther() {
    List<String> lines = new ArrayList<>(List.of("c.d,x,y"));
    for (int i = 1; i <= 40; i++) {
      lines.add("%s,%d,%d".formatted(List.of("", "other", "u").get(i % 3), i * i, i % 7));
    }
    assertThat(describe(lines, Optional.of("y")))
        .contains("kind = category, levels = [\"other\", \"u\"], unknown = other }");
  }

  @Test
  void aNumberFarFromTheOthersIsDoubted() {
    List<String> lines = new ArrayList<>(List.of("once,often,near,skewed,both,grade,y"));
    for (int i = 1; i <= 400; i++) {
      lines.add(
          "%s,%s,%s,%s,%s,%s,%d"
              .formatted(
                  i == 9 ? "-999" : 20 + i / 2.0,
                  i % 10 == 0 ? "9999.0" : i / 80.0,
                  i == 5 ? "-99" : i * 1.5,
                  Math.exp(i / 50.0),
                  i == 3 ? -5000 : i == 4 ? 7000 : i / 4.0,
                  i == 7 ? 99 : i % 5,
                  i % 7));
    }
    String said =
        " lies far from the others: if it stands for a missing value, add it to dataset.missing-words, or else narrow the range";
    String text = describe(lines, Optional.of("y"));
    assertThat(text.lines().filter(line -> line.contains("#") || line.contains("name")).skip(3))
        .extracting(line -> line.replace(said, "").replaceAll(", unit.*", "").strip())
        .containsExactly(
            "# -999.0",
            "{ name = \"once\"",
            "# 9999.0",
            "{ name = \"often\"",
            "# -99.0",
            "{ name = \"near\"",
            "{ name = \"skewed\"",
            "# -5000.0",
            "# 7000.0",
            "{ name = \"both\"",
            "# 99.0",
            "# 6 different whole numbers: if they are codes, write kind = category for min and max",
            "{ name = \"grade\"",
            "# 7 different whole numbers: if they are codes, write kind = category for min and max",
            "{ name = \"y\"");
    // the advice is true for the text -999 too
    Settings settings =
        loaded(text.replace("dataset {", "dataset {\n  missing-words = [\"-999.0\"]"));
    CsvSource source =
        CsvSource.open(
            settings.data().source(),
            settings.dataset(),
            spark().sparkContext().hadoopConfiguration());
    try (CheckedSource read = CheckedSource.read(spark(), source, CheckedSource.Keep.VALUES)) {
      assertThat(read.accepted(source.files()).count()).isEqualTo(399);
    }
  }

  /** The draft usually goes to a file, where nobody reads the comments. */
  @Test
  void theLogNamesTheColumnsThatAreLeftOut() {
    List<String> lines = new ArrayList<>(List.of("area;x;y"));
    for (int i = 1; i <= 40; i++) {
      lines.add("%s;%d;%d".formatted(i % 2 == 0 ? i + ",5" : i + ".5", i * i, i % 7));
    }
    LogLines log = LogLines.record();
    try {
      describe(lines, Optional.of("y"));
      lines.replaceAll(line -> line.replace(",", "."));
      describe(lines, Optional.of("y"));
    } finally {
      log.end();
    }
    assertThat(log.recorded())
        .filteredOn(line -> line.startsWith("The draft"))
        .singleElement()
        .asString()
        .contains("my table.csv. Left out:\n  area: it has decimal commas, such as ")
        .endsWith("\nLook at the draft before you train with it");
  }

  @Test
  void oneValueThatIsNotANumberIsCountedInTheSingular() {
    List<String> lines = new ArrayList<>(List.of("x,z,y"));
    for (int i = 1; i <= 100; i++) {
      lines.add(
          "%s,%s,%d".formatted(i == 5 ? "bad" : i * i, i == 5 || i == 6 ? "bad" : i * i, i % 7));
    }
    assertThat(describe(lines, Optional.of("y")))
        .contains("# 1 value is not a number, such as \"bad\"; its row is quarantined\n")
        .contains("# 2 values are not numbers, such as \"bad\"; their rows are quarantined\n");
  }

  private String describe(List<String> lines, Optional<String> label) {
    String file = WineFiles.write(folder.resolve("my table.csv"), lines).toString();
    return new TableDescriber(spark(), 0.05).describe(file, label);
  }

  private Settings loaded(String text) {
    Path file = WineFiles.write(folder.resolve("mine.conf"), text);
    return new SettingsLoader().load(new SettingsSource(Optional.of(file), List.of(), Map.of()));
  }
}
