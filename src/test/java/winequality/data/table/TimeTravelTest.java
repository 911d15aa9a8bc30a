package winequality.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import elasticnet.encoding.Feature.Category.Unknown;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.SparkTest;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;
import winequality.data.WineFiles;

class TimeTravelTest extends SparkTest {

  @TempDir Path folder;
  private String table = "unset";

  @BeforeEach
  void writeTwoVersions() {
    table = folder.resolve("a table").toString();
    Dataset<Row> wines = WineFiles.wines(spark());
    wines.write().format("delta").option("delta.columnMapping.mode", "name").save(table);
    wines.limit(100).write().format("delta").mode("overwrite").save(table);
  }

  @Test
  void aVersionIsFoundByNumberAndByTime() {
    assertThat(to("0").read(spark()).count()).isEqualTo(1599);
    assertThat(to("1").read(spark()).count()).isEqualTo(100);
    List<Row> times =
        spark().sql("DESCRIBE HISTORY delta.`" + table + "`").select("timestamp").collectAsList();
    Instant second = times.get(0).<Timestamp>getAs(0).toInstant();
    Instant first = times.get(1).<Timestamp>getAs(0).toInstant();
    assertThat(to(first.toString()).version()).isZero();
    assertThat(to(second.minusMillis(1).toString()).version()).isZero();
    assertThat(to(second.toString()).version()).isEqualTo(1);
    assertThatThrownBy(() -> to("2020-01-01"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("has no version as old as 2020-01-01T00:00:00Z")
        .hasMessageContaining(
            "Its history has the versions 0 (" + first + ") to 1 (" + second + ")");
  }

  @Test
  void aVersionThatIsNotThereIsRefusedWithThoseThatAre() {
    assertThatThrownBy(() -> to("7"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("Version 7 of")
        .hasMessageContaining("Its history has the versions 0 (");
  }

  @Test
  void aVersionThatVacuumHasTouchedIsRefusedBeforeItIsRead() {
    spark().conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
    try {
      spark().sql("VACUUM delta.`" + table + "` RETAIN 0 HOURS");
    } finally {
      spark().conf().unset("spark.databricks.delta.retentionDurationCheck.enabled");
    }
    assertThatThrownBy(() -> to("0"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("can no longer be read: VACUUM has removed 1 of its 1 files");
    assertThat(to("1").read(spark()).count()).isEqualTo(100);
  }

  @Test
  void aVersionBeyondTheRetentionIsReadByDelta40AndRefusedAboveWithWhatToDo() throws Exception {
    spark()
        .sql(
            "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 1 seconds')"
                .formatted(table));
    Thread.sleep(2000); // Delta counts by the clock
    if (spark().version().startsWith("4.0.")) {
      assertThat(to("0").read(spark()).count()).isEqualTo(1599);
    } else {
      assertThatThrownBy(() -> to("0"))
          .isInstanceOf(DataRefusedException.class)
          .hasMessageContaining("Version 0 of file:" + table + " cannot be read")
          .hasMessageContaining("let the table keep files longer");
    }
    assertThat(to("2").read(spark()).count()).isEqualTo(100);
  }

  @Test
  void whereACatalogShowsItsFilesToReadingAloneAVersionIsTaken() {
    spark()
        .sql(
            "CREATE TABLE default.vended USING delta TBLPROPERTIES ('delta.columnMapping.mode' ="
                + " 'name') AS SELECT * FROM delta.`"
                + table
                + "`");
    try {
      TimeTravel refused =
          new TimeTravel(
              spark(),
              WineFiles.description(),
              TableRole.INGESTED,
              file -> {
                throw new AccessDeniedException(file);
              });
      assertThat(refused.to("default.vended", TablePoint.of("0")).version()).isZero();
      assertThatThrownBy(() -> refused.to(table, TablePoint.of("0")))
          .hasMessageContaining("Cannot check for")
          .hasCauseInstanceOf(AccessDeniedException.class);
    } finally {
      spark().sql("DROP TABLE default.vended");
    }
  }

  @Test
  void aPlaceWithoutATableAndATableWithoutTheColumnsAreRefused() {
    assertThatThrownBy(
            () ->
                new TimeTravel(spark(), WineFiles.description(), TableRole.INGESTED)
                    .to(folder.resolve("nothing").toString(), TablePoint.of("0")))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("There is no Delta table at");
    String other = folder.resolve("other").toString();
    spark().range(3).write().format("delta").save(other);
    assertThatThrownBy(
            () ->
                new TimeTravel(spark(), WineFiles.description(), TableRole.INGESTED)
                    .to(other, TablePoint.of("0")))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("lacks the columns [fixed acidity,");
  }

  @Test
  void aVersionOfAnotherDescriptionIsRefused() {
    ColumnKind category = new ColumnKind.Category(List.of("a", "b"), Unknown.QUARANTINE, 1);
    DatasetDescription texts = described(category, 0, 9);
    String rows = folder.resolve("rows").toString();
    spark()
        .sql("SELECT * FROM VALUES (1D, 'a'), (2D, null), (11D, 'c') AS t(y, x)")
        .write()
        .format("delta")
        .save(rows);
    TableVersion version = new TableVersion(rows, 0);
    assertThatThrownBy(
            () -> TableRole.INGESTED.rows(spark(), version, described(ColumnKind.NUMBER, 0, 9)))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("was ingested by another description: [x] were categories");
    assertThatThrownBy(() -> TableProperties.requireMet(spark(), version, texts))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("2 rows of version 0 of " + rows + " do not fit dataset.columns");
    TableProperties.requireMet(
        spark(), version, described(new ColumnKind.Category(List.of(), Unknown.BASE, 1), 0, 11));
  }

  private static DatasetDescription described(ColumnKind x, double min, double max) {
    return new DatasetDescription(
        "d",
        List.of(
            new ColumnDescription("y", "", min, max),
            new ColumnDescription(
                "x",
                "x",
                "",
                "",
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                Map.of(),
                List.of(),
                x)),
        "y");
  }

  @Test
  void pointsAreNumbersDatesOrTimes() {
    assertThat(TablePoint.of("7")).isEqualTo(new TablePoint.AtVersion(7));
    assertThat(TablePoint.of("2026-01-31"))
        .isEqualTo(new TablePoint.AtTime(Instant.parse("2026-01-31T00:00:00Z")));
    assertThat(TablePoint.of("2026-01-31 18:30:00"))
        .isEqualTo(new TablePoint.AtTime(Instant.parse("2026-01-31T18:30:00Z")));
    assertThat(TablePoint.of("2026-01-31T18:30:00+02:00"))
        .isEqualTo(new TablePoint.AtTime(Instant.parse("2026-01-31T16:30:00Z")));
    for (String wrong : List.of("-1", "v7", "yesterday", "2026-02-30", "7.0")) {
      assertThatThrownBy(() -> TablePoint.of(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("data.table-version is \"" + wrong + "\"; it must be");
    }
  }

  private TableVersion to(String point) {
    return new TimeTravel(spark(), WineFiles.description(), TableRole.INGESTED)
        .to(table, TablePoint.of(point));
  }
}
