package winequality.data.profile;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.substring_index;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import elasticnet.encoding.Feature.Category.Unknown;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.LogLines;
import testing.SparkTest;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.WineFiles;
import winequality.data.table.TableVersion;

@Tag(SparkTest.COMPILED)
class TableProfilerTest extends SparkTest {

  @TempDir Path folder;

  private final DatasetDescription wine = WineFiles.description();

  @Test
  void redWinesHaveTheFiguresThatSqlGives() {
    Dataset<Row> rows = WineFiles.wines(spark());
    TableProfile profile = new TableProfiler(wine).profile(rows.repartition(7));
    assertThat(profile.rows()).isEqualTo(1599);
    assertThat(profile.duplicates()).isEqualTo(240);
    for (ColumnDescription column : wine.columns()) {
      ColumnProfile found = profile.column(column.name()).orElseThrow();
      String name = column.quoted();
      Row sql =
          rows.select(
                  expr("min(" + name + ")"),
                  expr("max(" + name + ")"),
                  expr("avg(" + name + ")"),
                  expr("stddev_samp(" + name + ")"),
                  expr("percentile_disc(0.25) within group (order by " + name + ")"),
                  expr("percentile_disc(0.5) within group (order by " + name + ")"),
                  expr("percentile_disc(0.75) within group (order by " + name + ")"))
              .first();
      double[] figures = {
        found.min(),
        found.max(),
        found.mean(),
        found.standardDeviation(),
        found.firstQuartile(),
        found.median(),
        found.thirdQuartile()
      };
      for (int i = 0; i < figures.length; i++) {
        assertThat(figures[i])
            .as("%s, figure %d", column.name(), i)
            .isCloseTo(sql.getDouble(i), within(i == 2 || i == 3 ? 1e-11 : 0.0));
      }
      assertThat(found.unit()).isEqualTo(column.unit());
      assertThat(found.quartileError()).isZero();
    }
    // six grades, a bin each
    assertThat(profile.column("quality").orElseThrow().histogram().counts())
        .containsExactly(10L, 53L, 681L, 638L, 199L, 18L);
  }

  @Test
  void nullsAreCountedAndRowsWithNullsInOtherPlacesAreNoDuplicates() {
    DatasetDescription two =
        new DatasetDescription(
            "d",
            List.of(new ColumnDescription("a", "", 0, 9), new ColumnDescription("b", "", 0, 9)),
            "b");
    TableProfile profile =
        new TableProfiler(two)
            .profile(
                spark().sql("SELECT * FROM VALUES (1D, NULL), (NULL, 1D), (NULL, 1D) AS t(a, b)"));
    assertThat(profile.rows()).isEqualTo(3);
    assertThat(profile.duplicates()).isEqualTo(1);
    assertThat(profile.column("a").orElseThrow().nulls()).isEqualTo(2);
    assertThat(TableProfile.ofJson(profile.toJson())).isEqualTo(profile);
    TableProfile empty =
        new TableProfiler(two).profile(spark().sql("SELECT 1D AS a, 1D AS b").limit(0));
    assertThat(empty.rows()).isZero();
    assertThat(TableProfile.ofJson(empty.toJson())).isEqualTo(empty);
  }

  private static final ColumnDescription FOUND = category("found", List.of(), 2);
  private static final ColumnDescription GIVEN = category("given", List.of("b", "a"), 1);

  private static final DatasetDescription KINDS =
      new DatasetDescription("k", List.of(FOUND, GIVEN, new ColumnDescription("y", "", 0, 9)), "y");

  private static ColumnDescription category(String name, List<String> levels, long minRows) {
    return new ColumnDescription(
        name,
        name,
        "kind",
        "",
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        Map.of(),
        List.of(),
        new ColumnKind.Category(levels, Unknown.OTHER, minRows));
  }

  private Dataset<Row> kinds() {
    return spark()
        .sql(
            "SELECT * FROM VALUES ('x', 'a', 1D), ('ä', 'b', 1D), ('x', 'c', 1D), ('Z', NULL, 1D),"
                + " (NULL, 'd', 1D), ('x', 'a', NULL), ('Z', NULL, 1D) AS t(found, given, y)");
  }

  @Test
  void aCategoryHasItsLevelsInTheOrderOfTheirCodeUnits() {
    for (int partitions : List.of(1, 5)) {
      TableProfile profile = new TableProfiler(KINDS).profile(kinds().repartition(partitions));
      ColumnProfile found = profile.column("found").orElseThrow();
      assertThat(found.levels()).containsExactly("Z", "x", "ä");
      assertThat(found.levelCounts()).isEqualTo(Map.of("Z", 2L, "x", 3L, "ä", 1L));
      assertThat(found.nulls()).isEqualTo(1);
      assertThat(found.unit()).isEqualTo("kind");
      assertThat(found.mean()).isNaN();
      assertThat(found.histogram())
          .isEqualTo(new Histogram(List.of(0.0, 1.0, 2.0, 3.0), List.of(2L, 3L, 1L)));
      // c and d are unknown
      ColumnProfile given = profile.column("given").orElseThrow();
      assertThat(given.levelCounts()).isEqualTo(Map.of("", 2L, "a", 2L, "b", 1L));
      assertThat(given.nulls()).isEqualTo(2);
      assertThat(profile.column("y").orElseThrow().levels()).isEmpty();
      // ('Z', NULL, 1) twice; ('x', 'a', 1) and ('x', 'a', NULL) differ
      assertThat(profile.duplicates()).isEqualTo(1);
      assertThat(profile.columns())
          .extracting(ColumnProfile::name)
          .containsExactly("found", "given", "y");
      assertThat(TableProfile.ofJson(profile.toJson())).isEqualTo(profile);
    }
    TableProfile none = new TableProfiler(KINDS).profile(kinds().limit(0));
    assertThat(none.column("found").orElseThrow().levels()).isEmpty();
    assertThat(TableProfile.ofJson(none.toJson())).isEqualTo(none);
  }

  @Test
  void theLevelsOfAModelAreTheGivenOnesOrThoseInEnoughRows() {
    TableProfile profile = new TableProfiler(KINDS).profile(kinds());
    assertThat(profile.levels(GIVEN)).containsExactly("b", "a");
    assertThat(profile.levels(FOUND)).containsExactly("Z", "x");
    assertThat(profile.levels(category("found", List.of(), 1))).containsExactly("Z", "x", "ä");
    assertThatThrownBy(() -> profile.levels(category("found", List.of(), 3)))
        .isInstanceOf(DataRefusedException.class)
        .hasMessage(
            "The category \"found\" has only the level [x] in at least 3 of the 7 rows; a model needs two levels. Leave the column out of dataset.columns, lower its min-rows, or give it levels.");
    assertThatThrownBy(() -> profile.levels(KINDS.columns().get(2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rowsWithNullsInOtherCategoriesAreNoDuplicates() {
    Dataset<Row> rows =
        spark()
            .sql(
                "SELECT * FROM VALUES ('a', NULL, 1D), (NULL, 'a', 1D), ('', 'a', 1D), ('a', '', 1D),"
                    + " ('a', NULL, 1D) AS t(found, given, y)");
    assertThat(new TableProfiler(KINDS).profile(rows).duplicates()).isEqualTo(1);
  }

  @Test
  void anIdentifierIsNoCategory() {
    String template =
        "SELECT concat('id', id) AS found, concat('n', id) AS given, 1D AS y FROM range(%d)";
    Dataset<Row> thousand = spark().sql(template.formatted(1000));
    assertThat(new TableProfiler(KINDS).profile(thousand).levels(category("found", List.of(), 1)))
        .hasSize(1000);
    DatasetDescription two =
        new DatasetDescription(
            "k", List.of(FOUND, category("given", List.of(), 1), KINDS.columns().get(2)), "y");
    Dataset<Row> nulls = spark().sql("SELECT NULL AS found, NULL AS given, 1D AS y");
    assertThat(new TableProfiler(two).profile(thousand.union(nulls)).columns().subList(0, 2))
        .allSatisfy(
            column -> {
              assertThat(column.levels()).hasSize(1000);
              assertThat(column.nulls()).isEqualTo(1);
            });
    for (int rows : List.of(1001, 20_000)) {
      Dataset<Row> more = spark().sql(template.formatted(rows));
      assertThatThrownBy(() -> new TableProfiler(KINDS).profile(more))
          .isInstanceOf(DataRefusedException.class)
          .hasMessageMatching(
              "The category \"found\" has more than 1000 different texts, such as \"id\\d+\", \"id\\d+\", \"id\\d+\"; an identifier cannot be a category\\. Leave the column out of dataset.columns, or give it levels\\.");
    }
  }

  @Test
  void moreThanAThousandLevelsMayBeGiven() {
    List<String> levels = IntStream.range(0, 1500).mapToObj(i -> "id" + i).toList();
    Dataset<Row> rows =
        spark()
            .sql(
                "SELECT if(id = 1501, null, concat('id', id)) AS given, 'b' AS found,"
                    + " cast(id AS double) AS y FROM range(1502)");
    ColumnProfile given =
        new TableProfiler(given(levels)).profile(rows).column("given").orElseThrow();
    assertThat(given.levelCounts()).hasSize(1501).containsEntry(ColumnProfile.UNKNOWN, 1L);
    assertThat(given.nulls()).isEqualTo(1);
  }

  @Test
  void aKeptProfileOfAnotherKindIsMadeAgain() {
    String table = folder.resolve("table").toString();
    kinds().write().format("delta").save(table);
    TableVersion version = new TableVersion(table, 0);
    DataSettings settings = settings(table, folder.resolve("profiles").toString());
    Dataset<Row> rows = version.read(spark());
    // levels are given, then found in the same version
    TableProfile given = new ProfileKeeper(spark(), KINDS, settings).profile(version, rows);
    assertThat(new ProfileKeeper(spark(), KINDS, settings).profile(version, rows.limit(0)))
        .isEqualTo(given);
    DatasetDescription other =
        new DatasetDescription(
            "k", List.of(FOUND, category("given", List.of(), 1), KINDS.columns().get(2)), "y");
    ProfileKeeper keeper = new ProfileKeeper(spark(), other, settings);
    TableProfile found = keeper.profile(version, rows);
    assertThat(found.column("given").orElseThrow().levels()).containsExactly("a", "b", "c", "d");
    assertThat(keeper.profile(version, rows.limit(0))).isEqualTo(found);
    assertThat(new ProfileKeeper(spark(), KINDS, settings).profile(version, rows.limit(0)))
        .isEqualTo(given);
  }

  /** Which words are missing, which rows are accepted and what a category is may change. */
  @Test
  void aProfileIsKeptForItsDescription() {
    String table = folder.resolve("table").toString();
    kinds().write().format("delta").save(table);
    TableVersion version = new TableVersion(table, 0);
    DataSettings settings = settings(table, folder.resolve("profiles").toString());
    Dataset<Row> rows = version.read(spark());
    TableProfile b =
        new ProfileKeeper(spark(), given(List.of("b", "c")), settings).profile(version, rows);
    TableProfile a =
        new ProfileKeeper(spark(), given(List.of("a", "b", "c")), settings).profile(version, rows);
    assertThat(b.column("given").orElseThrow().levelCounts()).doesNotContainKey("a");
    assertThat(a.column("given").orElseThrow().levelCounts()).containsKey("a");
  }

  private static DatasetDescription given(List<String> levels) {
    return new DatasetDescription(
        "k", List.of(FOUND, category("given", levels, 1), KINDS.columns().get(2)), "y");
  }

  /** They have no levels, and their key does not name the description. */
  @Test
  void profilesOfRelease100AreReadFromJsonAndMadeAgainOnceInTheTable() {
    TableProfile profile =
        new TableProfiler(wine).profile(WineFiles.wines(spark()).select("*").limit(100));
    String json = profile.toJson();
    assertThat(json).contains(",\"levels\"]", ",[]]");
    assertThat(TableProfile.ofJson(json.replace(",\"levels\"]", "]").replace(",[]]", "]")))
        .isEqualTo(profile);

    String table = folder.resolve("table").toString();
    Dataset<Row> rows = WineFiles.wines(spark());
    rows.write().format("delta").option("delta.columnMapping.mode", "name").save(table);
    String profiles = folder.resolve("profiles").toString();
    TableVersion version = new TableVersion(table, 0);
    TableProfile first =
        new ProfileKeeper(spark(), wine, settings(table, profiles)).profile(version, rows);
    String old = folder.resolve("old").toString();
    spark()
        .read()
        .format("delta")
        .load(profiles)
        .drop("levels")
        .withColumn("table_id", substring_index(col("table_id"), ":", 1))
        .write()
        .format("delta")
        .save(old);
    ProfileKeeper later = new ProfileKeeper(spark(), wine, settings(table, old));
    assertThat(later.profile(version, rows)).isEqualTo(first);
    assertThat(later.profile(version, rows.limit(3))).isEqualTo(first);
    assertThat(spark().read().format("delta").load(old).count()).isEqualTo(24);
  }

  @Test
  void theJsonFormGivesTheProfileBack() {
    TableProfile profile = new TableProfiler(wine).profile(WineFiles.wines(spark()));
    assertThat(TableProfile.ofJson(profile.toJson())).isEqualTo(profile);
    assertThatThrownBy(() -> TableProfile.ofJson("{\"columns\": [\"a\"], \"data\": []}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("The text is not a profile of a table: its columns are [\"a\"]");
  }

  @Test
  void aLaterTableIsCountedIntoTheSameBins() {
    Dataset<Row> rows = WineFiles.wines(spark());
    TableProfile reference = new TableProfiler(wine).profile(rows);
    assertThat(HistogramCounter.count(rows.repartition(5), reference.columns()))
        .isEqualTo(
            reference.columns().stream()
                .collect(
                    java.util.stream.Collectors.toMap(
                        ColumnProfile::name, ColumnProfile::histogram)));
    Map<String, Histogram> shifted =
        HistogramCounter.count(
            rows.withColumn("quality", col("quality").plus(100)), reference.columns());
    assertThat(shifted)
        .hasEntrySatisfying(
            "quality", bins -> assertThat(bins.counts()).containsExactly(0L, 0L, 0L, 0L, 0L, 1599L))
        .containsEntry("pH", reference.column("pH").orElseThrow().histogram());
  }

  @Test
  void aProfileIsKeptForItsVersionAndReadBack() {
    String table = folder.resolve("table").toString();
    Dataset<Row> rows = WineFiles.wines(spark());
    rows.write().format("delta").option("delta.columnMapping.mode", "name").save(table);
    TableVersion version = new TableVersion(table, 0);
    DataSettings settings = settings(table, folder.resolve("profiles").toString());
    ProfileKeeper keeper = new ProfileKeeper(spark(), wine, settings);
    TableProfile first = keeper.profile(version, version.read(spark()));
    // rows of another kind: only a kept profile can be equal
    assertThat(keeper.profile(version, rows.limit(3))).isEqualTo(first);
    assertThat(keeper.duplicatesBefore(version)).isEmpty();
    // without the copy in the commit, as after later commits
    String copy = folder.resolve("copy").toString();
    spark()
        .read()
        .format("delta")
        .load(settings.profileTable().orElseThrow())
        .write()
        .format("delta")
        .save(copy);
    ProfileKeeper reader = new ProfileKeeper(spark(), wine, settings(table, copy));
    assertThat(reader.profile(version, rows.limit(3))).isEqualTo(first);
    assertThat(keeper.profile(new TableVersion(table, 1), rows.limit(3)).rows()).isEqualTo(3);
    assertThat(keeper.duplicatesBefore(new TableVersion(table, 1))).hasValue(first.duplicates());
    assertThat(keeper.duplicatesBefore(new TableVersion(table, 7))).hasValue(0);
  }

  @Test
  void aProfileTableThatCannotBeUsedIsAWarning() {
    String table = folder.resolve("table").toString();
    Dataset<Row> rows = WineFiles.wines(spark());
    rows.write().format("delta").option("delta.columnMapping.mode", "name").save(table);
    DataSettings settings = settings("t", table);
    LogLines log = LogLines.record();
    TableProfile profile;
    try {
      profile =
          new ProfileKeeper(spark(), wine, settings).profile(new TableVersion(table, 0), rows);
    } finally {
      log.end();
    }
    assertThat(log.recorded()).anyMatch(line -> line.contains(table) && line.contains("profile"));
    assertThat(profile.rows()).isEqualTo(1599);
    assertThat(new TableVersion(table, 0).read(spark()).count()).isEqualTo(1599);
  }

  private static DataSettings settings(String table, String profiles) {
    return new DataSettings(
        "s", IngestMode.REPLACE, table, Optional.empty(), "q", "f", Optional.of(profiles), 0.0);
  }
}
