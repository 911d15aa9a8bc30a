package winequality.data.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.SparkTest;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.RowCounts;
import winequality.data.WineFiles;
import winequality.data.csv.CsvSource;
import winequality.data.table.DeltaLocation;
import winequality.data.table.SourceTable;
import winequality.data.table.TablePoint;
import winequality.data.table.TableRole;
import winequality.data.table.TableVersion;
import winequality.data.table.TimeTravel;

/** A Delta table as the source: checked where it is. */
class TableIngestTest extends SparkTest {

  private static final String COLUMNS =
      """
      data.source = stones
      dataset { name = stones, label = price, missing-words = [-999], columns = [
        { name = price, min = 0, max = 100 }
        { name = carat, header = "Carat.Weight", missing = mean }
        { name = table size, min = 10 }
        { name = cut, kind = category, levels = [Fair, Good] }
        { name = island, kind = category, unknown = other }
        { name = w, kind = weight }
      ] }
      """;

  private static final String SCHEMA =
      "id STRING, w FLOAT, island STRING, cut STRING, `table size` SMALLINT, `Carat.Weight`"
          + " DOUBLE, price DECIMAL(10,2)";

  @TempDir Path folder;

  @Test
  void eachRowIsAcceptedInTheDescriptionsTypesOrKeptWithTheFirstRuleItBreaks() throws Exception {
    save(
        "('a', 1, ' Torgersen ', '\u2003Good ', 55, 0.25D, 1.50)",
        "('gap', 0, null, 'Fair', 10, null, 0)",
        "('word', 2, 'n/a', 'Fair', 10, -999D, 100)",
        "('null', 1, 'x', 'Fair', 55, 0.5D, null)",
        "('nan', 1, 'x', 'Fair', 55, double('NaN'), 1)",
        "('nanw', double('NaN'), 'x', 'Fair', 55, 0.5D, 1)",
        "('inf', 1, 'x', 'Fair', 55, double('-Infinity'), 1)",
        "('high', 1, 'x', 'Fair', 55, 0.5D, 100.01)",
        "('low', 1, 'x', 'Fair', 9, 0.5D, 1)",
        "('level', 1, 'x', 'go\\nod', 55, 0.5D, 1)",
        "('nocut', 1, 'x', null, 55, 0.5D, 1)",
        "('NAcut', 1, 'x', 'na', 55, 0.5D, 1)",
        "('w', -1, 'x', 'Fair', 55, 0.5D, 1)",
        "('two', -1, 'x', 'Fair', 55, 0.5D, 101)");
    IngestedRows checked = ingest(1.0);

    assertThat(checked.table().accepted()).isEqualTo(new TableVersion(location(), 0));
    assertThat(checked.table().counts()).hasValue(new RowCounts(14, 4, 10));
    assertThat(
            checked.rows().orElseThrow().orderBy("price").collectAsList().stream()
                .map(row -> row.mkString("|")))
        .containsExactly(
            "0.0|null|10.0|Fair|null|0.0",
            "1.0|null|55.0|Fair|x|1.0",
            "1.5|0.25|55.0|Good|Torgersen|1.0",
            "100.0|null|10.0|Fair|null|2.0");
    assertThat(checked.rows().orElseThrow().schema().fieldNames())
        .containsExactly("price", "carat", "table size", "cut", "island", "w");
    assertThat(checked.rows().orElseThrow().schema().apply("price").dataType())
        .isEqualTo(DataTypes.DoubleType);

    assertThat(checked.table().quarantinedByRule())
        .containsExactly(
            Map.entry("cut-missing", 2L),
            Map.entry("price-out-of-range", 2L),
            Map.entry("carat-not-finite", 1L),
            Map.entry("cut-unknown-level", 1L),
            Map.entry("price-missing", 1L),
            Map.entry("table-size-out-of-range", 1L),
            Map.entry("w-missing", 1L),
            Map.entry("w-out-of-range", 1L));
    List<Row> refused =
        checked.table().quarantine().orElseThrow().read(spark()).orderBy("raw").collectAsList();
    assertThat(refused.stream().map(row -> row.<String>getAs("reason")))
        .contains(
            "price has no value",
            "carat is -Infinity; it must be finite",
            "w is NaN; it stands for a missing value",
            "price is 100.01; it must lie between 0.0 and 100.0",
            "table size is 9; it must be at least 10.0",
            "cut is \"na\"; it stands for a missing value",
            "cut is \"go\nod\"; it is none of the levels in dataset.columns");
    Row first = refused.get(0);
    assertThat(first.<String>getAs("rule")).isEqualTo("cut-missing");
    assertThat(new ObjectMapper().readTree(first.<String>getAs("raw")))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    "{'id':'NAcut','w':1.0,'island':'x','cut':'na','table size':55,'Carat.Weight':0.5,'price':1.00}"
                        .replace('\'', '"')));
    assertThat(first.<String>getAs("file")).isEqualTo(location() + "@0");
    assertThat(first.isNullAt(first.fieldIndex("line"))).isTrue();
    // on one line
    assertThat(checked.table().examples().get("cut-unknown-level"))
        .isEqualTo(
            location() + "@0: cut is \"go od\"; it is none of the levels in dataset.columns");
    // the source is as it was, and its unchanged version makes no new one of the quarantine
    assertThat(DeltaLocation.of(location()).newest(spark()).version()).isZero();
    assertThat(ingest(1.0).table()).isEqualTo(checked.table());
  }

  @Test
  void aTableAndACsvFileOfTheSameRowsGiveTheSameTable() {
    String source = folder.resolve("wines").toString();
    WineFiles.wines(spark())
        .write()
        .format("delta")
        .option("delta.columnMapping.mode", "name")
        .save(source);
    TableVersion version = new TableVersion(source, 0);
    IngestedRows checked =
        new TableIngest(spark(), WineFiles.description(), settings(source, 0.0), "job")
            .ingest(version);
    IngestedTable csv =
        new CsvIngest(spark(), WineFiles.description(), settings("unused", 0.0), "csv")
            .ingest(
                CsvSource.open(
                    WineFiles.RED.toString(),
                    WineFiles.description(),
                    spark().sparkContext().hadoopConfiguration()))
            .table();
    assertThat(checked.rows().orElseThrow().exceptAll(csv.accepted().read(spark())).count())
        .isZero();
    assertThat(checked.rows().orElseThrow().count()).isEqualTo(1599);
  }

  @Test
  void theRowsAreReadOnceAndOnceMoreIfSomeAreRefused() throws Exception {
    String good = "('a', 1, 'x', 'Good', 55, 0.25D, 1.50)";
    save(Stream.generate(() -> good).limit(400).toArray(String[]::new));
    assertThat(
            rowsRead(
                () -> {
                  IngestedRows checked = ingest(0.0);
                  checked.rows().orElseThrow().count();
                  return checked.rows().orElseThrow().groupBy("cut").count().collectAsList();
                }))
        .isBetween(400L, 450L);
    append("('a', 1, 'x', 'Good', 55, 0.25D, 1000)");
    assertThat(rowsRead(() -> ingest(0.5).rows().orElseThrow().count())).isBetween(802L, 900L);
  }

  @Test
  void laterReadsGiveTheRowsOfTheVersionByTheSameRules() {
    save("('a', 1, 'x', 'Good', 55, 0.25D, 1.50)", "('b', 1, 'x', 'Good', 55, 0.25D, 1000)");
    append("('c', 1, 'x', 'Good', 55, 0.25D, 2)");
    TimeTravel travel = new TimeTravel(spark(), description(), TableRole.SOURCE);
    TableVersion before = travel.to(location(), TablePoint.of("0"));
    assertThat(TableRole.SOURCE.rows(spark(), before, description()).count()).isEqualTo(1);
    assertThat(
            ingest(0.5)
                .rows()
                .orElseThrow()
                .exceptAll(TableRole.SOURCE.rows(spark(), before, description()))
                .collectAsList())
        .hasSize(1);
  }

  @Test
  void aSourceWithTooManyBadRowsOrNoneIsRefusedAndItsRowsAreKept() {
    save("('a', 1, 'x', 'Good', 55, 0.25D, 1.50)", "('b', 1, 'x', 'Good', 55, 0.25D, 1000)");
    assertThatThrownBy(() -> ingest(0.4))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining(
            "Quarantined 1 of 2 rows (50.0 %; limit 40.0 %): price-out-of-range 1.")
        .hasMessageContaining("Nothing was trained.")
        .hasMessageEndingWith("@0: price is 1000.00; it must lie between 0.0 and 100.0");
    assertThat(spark().read().format("delta").load(folder.resolve("quarantine").toString()).count())
        .isEqualTo(1);
    spark().sql("DELETE FROM delta.`" + location() + "` WHERE id = 'b'");
    // mended at the source: gone from the quarantine
    assertThat(ingest(0.0).table().quarantine().orElseThrow().read(spark()).count()).isZero();
    spark().sql("DELETE FROM delta.`" + location() + "`");
    assertThatThrownBy(() -> ingest(1.0)).hasMessageContaining(location() + "@2 has no rows");
  }

  @Test
  void everythingThatDoesNotFitIsSaidAtOnce() {
    spark()
        .sql("SELECT true AS price, '1' AS `carat.weight`, 1L AS cut, 'x' AS island, 1 AS w")
        .write()
        .format("delta")
        .save(location());
    assertThatThrownBy(() -> ingest(0.0))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageStartingWith(location() + "@0 does not fit dataset.columns: ")
        .hasMessageContaining("\"price\" is boolean, and a number is")
        .hasMessageContaining("cast it in the source;")
        .hasMessageContaining("it lacks \"Carat.Weight\", as upper and lower case count;")
        .hasMessageContaining("it lacks \"table size\"; a column that has another name")
        .hasMessageContaining("\"cut\" is bigint, and a category is a string;")
        .hasMessageEndingWith("It has the columns [price, carat.weight, cut, island, w].");
  }

  @Test
  void aSourceIsATableByItsLogOrByItsNameAndElseFiles() throws IOException {
    save("('a', 1, 'x', 'Good', 55, 0.25D, 1.50)");
    assertThat(SourceTable.find(location(), spark()).map(DeltaLocation::text))
        .hasValue("file:" + location());
    assertThat(SourceTable.find("data/winequality-red.csv", spark())).isEmpty();
    assertThat(SourceTable.find("data/*.csv", spark())).isEmpty();
    assertThat(SourceTable.find("no.csv", spark())).isEmpty();
    assertThat(SourceTable.find("a:b.csv", spark())).isEmpty();
    // no names of tables, although they have three parts
    assertThat(SourceTable.find("wine.*.csv", spark())).isEmpty();
    assertThat(SourceTable.find("wine.2024.csv", spark())).isEmpty();
    spark().sql("CREATE TABLE default.stones USING delta AS SELECT 1 AS a");
    spark().sql("CREATE VIEW default.view_of_stones AS SELECT 1 AS a");
    try {
      assertThat(SourceTable.find("spark_catalog.default.stones", spark()).map(DeltaLocation::text))
          .hasValue("spark_catalog.default.stones");
      assertThatThrownBy(() -> SourceTable.find("default.view_of_stones", spark()))
          .isInstanceOf(DataRefusedException.class)
          .hasMessageContaining("A source in the catalog must be a Delta table, because views");
    } finally {
      spark().sql("DROP TABLE default.stones");
      spark().sql("DROP VIEW default.view_of_stones");
    }
    for (String name : List.of("main.features.wine", "spark_catalog.default.none")) {
      assertThatThrownBy(() -> SourceTable.find(name, spark()))
          .isInstanceOf(DataRefusedException.class)
          .hasMessageContaining("data.source \"" + name + "\"");
    }
    Path parquet = folder.resolve("parquet");
    spark().range(3).write().parquet(parquet.toString());
    assertThat(SourceTable.find(parquet.toString(), spark())).isEmpty();
    spark().sql("CONVERT TO DELTA parquet.`" + parquet + "`");
    assertThat(SourceTable.find(parquet.toString(), spark())).isPresent();
  }

  @Test
  void upkeepChangesNoRowAndEverythingElseMay() {
    save("('a', 1, 'x', 'Good', 55, 0.25D, 1.50)");
    DeltaLocation table = DeltaLocation.of(location());
    TimeTravel travel = new TimeTravel(spark(), description(), TableRole.SOURCE);
    String id = table.id(spark());
    var later = table.newest(spark()).written().plusSeconds(60);
    assertThat(travel.hasSameRowsSince(table, 0, later, id)).isTrue();
    assertThat(travel.hasSameRowsSince(table, 0, later.minusSeconds(120), id)).isFalse();
    spark().sql("ALTER TABLE delta.`" + location() + "` SET TBLPROPERTIES ('a' = 'b')");
    assertThat(travel.hasSameRowsSince(table, 0, later, id)).isTrue();
    assertThat(travel.hasSameRowsSince(table, 0, later, "another")).isFalse();
    append("('c', 1, 'x', 'Good', 55, 0.25D, 2)");
    assertThat(travel.hasSameRowsSince(table, 0, later, id)).isFalse();
    assertThat(table.commits(spark(), table.newest(spark()).version(), 9)).hasSize(3);
  }

  @Test
  void aDamagedTableIsNamedWithWhatToDo() throws IOException {
    for (String damage : List.of("truncated", "garbage", "gap", "start", "file")) {
      Path table = folder.resolve(damage);
      for (int i = 0; i < 3; i++) {
        spark()
            .range(i + 1)
            .selectExpr("id", "id AS `id again`")
            .coalesce(1)
            .write()
            .option("delta.columnMapping.mode", "name")
            .format("delta")
            .mode("append")
            .save(table.toString());
      }
      Path log = table.resolve("_delta_log");
      remove(log, ".crc");
      Path last = log.resolve("00000000000000000002.json");
      switch (damage) {
        case "truncated" -> Files.write(last, Arrays.copyOf(Files.readAllBytes(last), 300));
        case "garbage" -> Files.writeString(log.resolve("00000000000000000001.json"), "{x}\n");
        case "gap" -> Files.delete(log.resolve("00000000000000000001.json"));
        case "start" -> Files.delete(log.resolve("00000000000000000000.json"));
        default -> remove(table, ".parquet");
      }
      DeltaLog.clearCache();
      assertThatThrownBy(
              () ->
                  new TimeTravel(
                          spark(),
                          new DatasetDescription(
                              "d", List.of(column("id"), column("id again")), "id"),
                          TableRole.SOURCE)
                      .to(table.toString(), TablePoint.of("2")))
          .as(damage)
          .isInstanceOf(DataRefusedException.class)
          .hasMessageContaining(table + " is damaged: ")
          .hasMessageContaining(
              damage.equals("file")
                  ? "Restore an earlier version of it (RESTORE TABLE)"
                  : "delete this commit (.json) and its .crc files");
    }
  }

  private static ColumnDescription column(String name) {
    return new ColumnDescription(name, "", 0, 9);
  }

  private static void remove(Path folder, String suffix) throws IOException {
    // Delta 4.1 puts a mapped table's files into folders
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(file -> file.toString().endsWith(suffix))
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  private long rowsRead(Supplier<?> work) throws Exception {
    AtomicLong rows = new AtomicLong();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd task) {
            rows.addAndGet(task.taskMetrics().inputMetrics().recordsRead());
          }
        };
    spark().sparkContext().listenerBus().waitUntilEmpty(10_000);
    spark().sparkContext().addSparkListener(listener);
    try {
      assertThat(work.get()).isNotNull();
      spark().sparkContext().listenerBus().waitUntilEmpty(10_000);
    } finally {
      spark().sparkContext().removeSparkListener(listener);
    }
    return rows.get();
  }

  private DatasetDescription description() {
    Path file = WineFiles.write(folder.resolve("stones.conf"), COLUMNS);
    return new SettingsLoader()
        .load(new SettingsSource(Optional.of(file), List.of(), Map.of()))
        .dataset();
  }

  private void save(String... rows) {
    write(rows, "error");
  }

  private void append(String... rows) {
    write(rows, "append");
  }

  private void write(String[] rows, String mode) {
    Dataset<Row> values = spark().sql("SELECT * FROM VALUES " + String.join(", ", rows));
    List<String> types = List.of(SCHEMA.split(", "));
    String[] casts = new String[types.size()];
    for (int i = 0; i < casts.length; i++) {
      int space = types.get(i).lastIndexOf(' ');
      casts[i] =
          "CAST(col%d AS %s) AS %s"
              .formatted(
                  i + 1, types.get(i).substring(space + 1), types.get(i).substring(0, space));
    }
    values
        .selectExpr(casts)
        .coalesce(1)
        .write()
        .format("delta")
        .option("delta.columnMapping.mode", "name")
        .mode(mode)
        .save(location());
  }

  private String location() {
    return folder.resolve("stones").toString();
  }

  private DataSettings settings(String source, double limit) {
    return new DataSettings(
        source,
        IngestMode.REPLACE,
        folder.resolve("table").toString(),
        Optional.empty(),
        folder.resolve("quarantine").toString(),
        folder.resolve("files").toString(),
        Optional.empty(),
        limit);
  }

  private IngestedRows ingest(double limit) {
    DeltaLocation table = DeltaLocation.of(location());
    return new TableIngest(spark(), description(), settings(location(), limit), "job")
        .ingest(table.newestVersion(spark()));
  }
}
