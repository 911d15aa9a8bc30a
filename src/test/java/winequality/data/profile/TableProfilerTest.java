package winequality.data.profile;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.SparkTest;
import winequality.data.ColumnDescription;
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
    TableProfile profile =
        new ProfileKeeper(spark(), wine, settings).profile(new TableVersion(table, 0), rows);
    assertThat(profile.rows()).isEqualTo(1599);
    assertThat(new TableVersion(table, 0).read(spark()).count()).isEqualTo(1599);
  }

  private static DataSettings settings(String table, String profiles) {
    return new DataSettings(
        "s", IngestMode.REPLACE, table, Optional.empty(), "q", "f", Optional.of(profiles), 0.0);
  }
}
