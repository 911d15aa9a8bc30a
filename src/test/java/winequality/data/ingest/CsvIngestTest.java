package winequality.data.ingest;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static winequality.data.WineFiles.GOOD;
import static winequality.data.WineFiles.HEADER;
import static winequality.data.WineFiles.redLines;

import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap.Indicator;
import io.delta.tables.DeltaTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.SparkTest;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.ColumnKind.Missing;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.RowCounts;
import winequality.data.SmallData;
import winequality.data.WineFiles;
import winequality.data.csv.CheckedSource;
import winequality.data.csv.CsvSource;
import winequality.data.table.DeltaCommit;
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableVersion;

class CsvIngestTest extends SparkTest {

  @TempDir Path folder;

  private final DatasetDescription wine = WineFiles.description();

  @Test
  void realWinesEndInTheTableBitForBitUnderTheCsvsOwnNames() {
    IngestedTable ingested = ingest(WineFiles.RED, 0.0);

    assertThat(ingested.counts()).hasValue(new RowCounts(1599, 1599, 0));
    assertThat(ingested.quarantine()).isEmpty();
    Dataset<Row> table = ingested.accepted().read(spark());
    assertThat(table.columns())
        .containsExactly(
            wine.columns().stream().map(ColumnDescription::name).toArray(String[]::new));
    assertThat(table.schema().apply("density").getComment().get())
        .isEqualTo("g/cm³; source: doi:10.1016/j.dss.2009.05.016");
    List<String> expected =
        redLines().stream()
            .skip(1)
            .map(
                line ->
                    Arrays.stream(line.split(","))
                        .map(Double::valueOf)
                        .map(String::valueOf)
                        .collect(Collectors.joining(",")))
            .sorted()
            .toList();
    List<String> actual =
        table.collectAsList().stream().map(row -> row.mkString(",")).sorted().toList();
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void anUnchangedSourceMakesNoNewVersion() {
    IngestedTable first = ingest(WineFiles.RED, 0.0);
    List<String> shuffled = new ArrayList<>(redLines().subList(1, redLines().size()));
    Collections.shuffle(shuffled, new Random(1));
    shuffled.add(0, redLines().get(0));
    IngestedTable again = ingest(WineFiles.write(folder.resolve("shuffled.csv"), shuffled), 0.0);
    assertThat(again.accepted()).isEqualTo(first.accepted());

    shuffled.remove(7);
    IngestedTable changed = ingest(WineFiles.write(folder.resolve("less.csv"), shuffled), 0.0);
    assertThat(changed.accepted().version()).isEqualTo(first.accepted().version() + 1);
    assertThat(changed.accepted().read(spark()).count()).isEqualTo(1598);
    assertThat(first.accepted().read(spark()).count()).isEqualTo(1599);
  }

  /** Both find no table; the slower one takes the rows of the other for its own, which they are. */
  @Test
  void twoFirstIngestsAtOnceMakeOneVersion() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<IngestedTable>> both =
          threads.invokeAll(Collections.nCopies(2, () -> ingest(WineFiles.RED, 0.0)));
      for (Future<IngestedTable> one : both) {
        assertThat(one.get().accepted().version()).isZero();
        assertThat(one.get().accepted().read(spark()).count()).isEqualTo(1599);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void columnsAreMatchedByNameInAnyOrderAndExtraOnesAreLeftOut() {
    Path file =
        WineFiles.write(
            folder.resolve("order.csv"),
            "quality;winery;alcohol;sulphates;pH;density;total sulfur dioxide;"
                + "free sulfur dioxide;chlorides;residual sugar;citric acid;volatile acidity;"
                + "\"fixed acidity\"",
            "5;\"Quinta; do \"\"Sol\"\"\";9.4;0.56;3.51;0.9978;34;11;0.076;1.9;0;0.7;7.4");
    Row row = ingest(file, 0.0).accepted().read(spark()).first();
    assertThat(row.mkString(","))
        .isEqualTo("7.4,0.7,0.0,1.9,0.076,11.0,34.0,0.9978,3.51,0.56,9.4,5.0");
  }

  @Test
  void eachBadRowIsQuarantinedWithRawLineNumberFileAndReason() {
    List<String> bad =
        List.of(
            "x,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5",
            ",0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5",
            "7.4,NaN,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5",
            "7.4,0.7,1e999,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5",
            "7.4,0.7,0,0x10,0.076,11,34,0.9978,3.51,0.56,9.4,5",
            "7.4,0.7,0,1.9d,0.076,11,34,0.9978,3.51,0.56,9.4,5",
            "7.4,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,11",
            "7.4,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,-1",
            "7.4,0.7,0",
            GOOD + ",1",
            "\"7.4,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5");
    List<String> lines = new ArrayList<>(List.of(HEADER, GOOD));
    lines.addAll(bad);
    lines.add("");
    lines.add(GOOD);
    Path file = WineFiles.write(folder.resolve("bad.csv"), lines);

    IngestedTable ingested = ingest(file, 0.9);

    assertThat(ingested.counts()).hasValue(new RowCounts(13, 2, 11));
    List<Row> quarantined =
        ingested.quarantine().orElseThrow().read(spark()).orderBy("line").collectAsList();
    assertThat(quarantined).extracting(row -> row.<String>getAs("raw")).isEqualTo(bad);
    assertThat(quarantined)
        .extracting(row -> row.<Long>getAs("line"))
        .containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L);
    assertThat(quarantined)
        .extracting(row -> row.<String>getAs("rule"))
        .containsExactly(
            "fixed-acidity-not-a-number",
            "fixed-acidity-missing",
            "volatile-acidity-missing",
            "citric-acid-not-finite",
            "residual-sugar-not-a-number",
            "residual-sugar-not-a-number",
            "quality-out-of-range",
            "quality-out-of-range",
            "too-few-fields",
            "too-many-fields",
            "unclosed-quote");
    assertThat(quarantined)
        .extracting(row -> row.<String>getAs("file"))
        .containsOnly("file:" + file);
    assertThat(quarantined.get(6).<String>getAs("reason"))
        .isEqualTo("quality is 11; it must lie between 0.0 and 10.0");
    assertThat(quarantined.get(6).<String>getAs("value")).isEqualTo("11");
    assertThat(ingested.quarantinedByRule())
        .containsEntry("quality-out-of-range", 2L)
        .containsEntry("unclosed-quote", 1L);
    assertThat(ingested.examples())
        .containsOnlyKeys(ingested.quarantinedByRule().keySet())
        .containsEntry(
            "quality-out-of-range",
            "file:" + file + ", line 9: quality is 11; it must lie between 0.0 and 10.0");
  }

  @Test
  void tooManyBadRowsRefuseTheSourceKeepThemAndLeaveTheTable() {
    IngestedTable before = ingest(WineFiles.RED, 0.0);
    Path file =
        WineFiles.write(
            folder.resolve("worse.csv"), HEADER, GOOD, GOOD, GOOD, GOOD.replaceAll("5$", "11"));

    DataRefusedException refused =
        catchThrowableOfType(DataRefusedException.class, () -> ingest(file, 0.2));

    assertThat(refused)
        .hasMessageContaining(
            "Quarantined 1 of 4 rows (25.0 %; limit 20.0 %): quality-out-of-range 1. See table")
        .hasMessageContaining("data.max-quarantine-fraction")
        .hasMessageEndingWith(
            "For example:\n  file:%s, line 5: quality is 11; it must lie between 0.0 and 10.0"
                .formatted(file));
    Dataset<Row> quarantine =
        new TableVersion(folder.resolve("quarantine").toString(), 0).read(spark());
    assertThat(quarantine.count()).isEqualTo(1);
    assertThat(ingest(WineFiles.RED, 0.0).accepted()).isEqualTo(before.accepted());
  }

  @Test
  void aRefusedValueCannotForgeALineOfTheLog() {
    Path file =
        WineFiles.write(
            folder.resolve("forged.csv"),
            HEADER,
            GOOD.replace("9.4", "\"9.4\n12:00:00 INFO JobRunner: all is well\u001b[2J\""));
    String example =
        ", line 2: alcohol is \"9.4 12:00:00 INFO JobRunner: all is well\\u001b[2J\"; ";
    DataRefusedException refused =
        catchThrowableOfType(DataRefusedException.class, () -> ingest(file, 0.5));
    assertThat(refused.toString().lines().toList())
        .hasSize(2)
        .last(STRING)
        .contains("forged.csv" + example);
    assertThat(refused.refused().orElseThrow().examples().get("alcohol-not-a-number"))
        .contains(example);
  }

  @Test
  void rowsMendedAtTheSourceLeaveTheQuarantine() {
    Path file = folder.resolve("mended.csv");
    WineFiles.write(file, HEADER, GOOD, GOOD.replaceAll("5$", "11"));
    assertThat(ingest(file, 0.9).quarantine().orElseThrow().read(spark()).count()).isEqualTo(1);
    WineFiles.write(file, HEADER, GOOD, GOOD);
    IngestedTable mended = ingest(file, 0.9);
    assertThat(mended.quarantine().orElseThrow().read(spark()).count()).isZero();
    assertThat(mended.counts()).hasValue(new RowCounts(2, 2, 0));
  }

  @Test
  void theNumberOfPartitionsChangesNothing() {
    IngestedTable one = ingest(WineFiles.RED, 0.0);
    spark().conf().set("spark.sql.files.maxPartitionBytes", "9000");
    try {
      IngestedTable many = ingest(WineFiles.RED, 0.0);
      assertThat(many).isEqualTo(one);
    } finally {
      spark().conf().unset("spark.sql.files.maxPartitionBytes");
    }
  }

  @Test
  void linesOfEveryBlockHaveTheirNumberInTheFile() {
    List<String> lines = new ArrayList<>(redLines());
    lines.set(3, "early");
    lines.set(1500, "late");
    Path file = WineFiles.write(folder.resolve("split.csv"), lines);
    spark().conf().set("spark.sql.files.maxPartitionBytes", "9000");
    try {
      Dataset<Row> quarantine = ingest(file, 0.1).quarantine().orElseThrow().read(spark());
      assertThat(line(quarantine, "early")).isEqualTo(4L);
      assertThat(line(quarantine, "late")).isEqualTo(1501L);
    } finally {
      spark().conf().unset("spark.sql.files.maxPartitionBytes");
    }
  }

  @Test
  void aRowThatGoesOnInAnotherBlockIsReadWhole() {
    List<String> lines = new ArrayList<>(List.of(HEADER + ",note"));
    for (int i = 0; i < 300; i++) {
      lines.add(GOOD.replaceFirst("7.4", "1." + (1000 + i)) + ",\"say \"\"" + i + "\"\",");
      lines.add("or not; " + "x".repeat(i) + "\"");
    }
    lines.add("bad");
    Path file = WineFiles.write(folder.resolve("breaks.csv"), lines);
    for (String blockSize : List.of("1000", "100000000")) {
      spark().conf().set("spark.sql.files.maxPartitionBytes", blockSize);
      spark().conf().set("spark.sql.files.openCostInBytes", "1");
      try {
        IngestedTable ingested = ingest(file, 0.1);
        assertThat(ingested.counts()).hasValue(new RowCounts(301, 300, 1));
        assertThat(ingested.accepted().version()).isZero();
        assertThat(line(ingested.quarantine().orElseThrow().read(spark()), "bad")).isEqualTo(602L);
        assertThat(ingested.examples().get("too-few-fields")).contains("breaks.csv, line 602: ");
      } finally {
        spark().conf().unset("spark.sql.files.maxPartitionBytes");
        spark().conf().unset("spark.sql.files.openCostInBytes");
      }
    }
  }

  @Test
  void theTableRefusesRowsThatNobodyWouldBelieveAndSaysWhatItIs() {
    IngestedTable ingested = ingest(WineFiles.RED, 0.0);
    String table = "delta.`" + ingested.accepted().location() + "`";
    assertThatThrownBy(() -> spark().sql("UPDATE " + table + " SET quality = 11"))
        .hasMessageContaining("believed_values");
    Row properties = spark().sql("DESCRIBE DETAIL " + table).select("properties").first();
    assertThat(properties.<String, String>getJavaMap(0))
        .containsEntry("delta.deletedFileRetentionDuration", "interval 90 days")
        .containsEntry("delta.logRetentionDuration", "interval 90 days")
        .containsEntry("winequality.dataset", "wine")
        .hasEntrySatisfying("winequality.holds", holds -> assertThat(holds).contains("quality"))
        .hasEntrySatisfying(
            "winequality.versions", said -> assertThat(said).contains("userMetadata"));
    Row commit =
        spark().sql("DESCRIBE HISTORY " + table).select("userMetadata", "operationMetrics").first();
    // which is held against the rows that were read
    assertThat(commit.<String, String>getJavaMap(1)).containsEntry("numOutputRows", "1599");
    assertThat(commit.getString(0))
        .contains(
            "\"dataset\":\"wine\"",
            "\"mode\":\"replace\"",
            "\"accepted\":1599",
            "winequality-red.csv",
            "\"ingest\":");
  }

  @Test
  void aTableOfAnEarlierReleaseSaysWhatItIsBeforeItsNextRows() {
    IngestedTable first = ingest(WineFiles.RED, 0.0);
    String table = "delta.`" + first.accepted().location() + "`";
    spark().sql("ALTER TABLE " + table + " UNSET TBLPROPERTIES (winequality.dataset)");
    Path one = WineFiles.write(folder.resolve("one.csv"), List.of(HEADER, GOOD));
    IngestedTable next = ingest(one, 0.0);
    assertThat(
            spark()
                .sql("DESCRIBE DETAIL " + table)
                .select("properties")
                .first()
                .<String, String>getJavaMap(0))
        .containsEntry("winequality.dataset", "wine");
    DeltaCommit newest =
        DeltaLocation.of(next.accepted().location())
            .commits(spark(), next.accepted().version(), 1)
            .toList()
            .get(0);
    assertThat(DeltaLocation.of(next.accepted().location()).newest(spark()).version())
        .isEqualTo(next.accepted().version());
    assertThat(newest.fact("accepted")).hasValue("1");
  }

  @Test
  void widerRangesInTheDescriptionReachTheTable() {
    ingest(WineFiles.RED, 0.0);
    List<ColumnDescription> columns = new ArrayList<>(wine.columns());
    columns.set(11, new ColumnDescription("quality", "grade of a blind tasting, 0 to 10", 0, 20));
    DatasetDescription wider = new DatasetDescription("wine", columns, "quality");
    Path file = WineFiles.write(folder.resolve("wider.csv"), HEADER, GOOD.replaceAll("5$", "15"));
    assertThat(ingest(file, 0.0, wider).counts()).hasValue(new RowCounts(1, 1, 0));
    String table = "delta.`" + folder.resolve("table") + "`";
    assertThatThrownBy(() -> spark().sql("UPDATE " + table + " SET quality = 21"))
        .hasMessageContaining("believed_values");
  }

  @Test
  void aStrayQuoteCostsOneRow() {
    Path file =
        WineFiles.write(
            folder.resolve("stray.csv"), HEADER, GOOD, "\"" + GOOD, GOOD, GOOD, "\"" + GOOD, GOOD);
    IngestedTable ingested = ingest(file, 0.5);
    assertThat(ingested.counts()).hasValue(new RowCounts(6, 4, 2));
    assertThat(ingested.quarantinedByRule()).containsExactly(Map.entry("unclosed-quote", 2L));
  }

  private static @Nullable Long line(Dataset<Row> quarantine, String raw) {
    return quarantine.filter(col("raw").equalTo(raw)).first().getAs("line");
  }

  @Test
  void aSourceThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> ingest(folder.resolve("none.csv"), 0.0))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void aHeaderWithoutRowsIsRefused() {
    Path file = WineFiles.write(folder.resolve("header-only.csv"), HEADER);
    assertThatThrownBy(() -> ingest(file, 1.0))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("has a header but no rows");
  }

  @Test
  void onlyBadRowsAreRefusedWhateverTheLimit() {
    Path file = WineFiles.write(folder.resolve("only-bad.csv"), HEADER, "x");
    assertThatThrownBy(() -> ingest(file, 1.0))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("Quarantined 1 of 1 rows");
  }

  @Test
  void aHeaderWithoutANeededColumnIsRefused() {
    Path file = WineFiles.write(folder.resolve("no-alcohol.csv"), HEADER.replace("alcohol", "abv"));
    assertThatThrownBy(() -> ingest(file, 0.0))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("lacks \"alcohol\"")
        .hasMessageContaining("abv");
  }

  @Test
  void aTableOfAnotherDatasetIsLeftAlone() {
    ingest(WineFiles.write(folder.resolve("two.csv"), HEADER, GOOD, GOOD.replace("9.4", "x")), 0.5);
    DatasetDescription other =
        new DatasetDescription(
            "other",
            List.of(new ColumnDescription("a", "", 0, 1), new ColumnDescription("b", "", 0, 1)),
            "b");
    Path file = WineFiles.write(folder.resolve("other.csv"), "a,b", "0.5,0.5", "y,0.5");
    assertThatThrownBy(() -> ingest(file, 0.5, other))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("was not made by an ingest of this data set");
    for (String table : List.of("table", "quarantine")) {
      assertThat(DeltaTable.forPath(spark(), folder.resolve(table).toString()).history().count())
          .as(table)
          .isEqualTo(1);
    }
  }

  @Test
  void theQuarantineOfAnotherDatasetIsLeftAlone() {
    ingest(WineFiles.write(folder.resolve("two.csv"), HEADER, GOOD, GOOD.replace("9.4", "x")), 0.5);
    DatasetDescription other = new DatasetDescription("other", wine.columns(), wine.label());
    Path file = WineFiles.write(folder.resolve("bad.csv"), HEADER, GOOD, GOOD.replace("9.4", "y"));
    String quarantine = folder.resolve("quarantine").toString();
    for (IngestMode mode : IngestMode.values()) {
      DataSettings settings =
          new DataSettings(
              file.toString(),
              mode,
              folder.resolve("own").toString(),
              Optional.empty(),
              quarantine,
              folder.resolve("own-files").toString(),
              Optional.empty(),
              0.5);
      CsvSource source =
          CsvSource.open(settings.source(), other, spark().sparkContext().hadoopConfiguration());
      assertThatThrownBy(() -> new CsvIngest(spark(), other, settings, "other").ingest(source))
          .isInstanceOf(DataRefusedException.class)
          .hasMessageContaining(
              "The table file:%s was not made by an ingest of this data set (it belongs to the data set \"wine\"), and is not overwritten. Give this data set its own tables (data.table, data.quarantine-table), or keep dataset.name = \"wine\" if only the name is new."
                  .formatted(quarantine));
    }
    assertThat(DeltaTable.forPath(spark(), quarantine).history().count()).isEqualTo(1);
    assertThat(folder.resolve("own")).doesNotExist();
  }

  @Test
  void aTableWhoseIngestNamesNoDatasetIsWritten() {
    WineFiles.wines(spark())
        .write()
        .format("delta")
        .option("delta.columnMapping.mode", "name")
        .option("userMetadata", "{\"ingest\":\"early\"}")
        .save(folder.resolve("table").toString());
    Path one = WineFiles.write(folder.resolve("one.csv"), HEADER, GOOD);
    assertThat(ingest(one, 0.0).accepted().read(spark()).count()).isEqualTo(1);
  }

  @Test
  void aTableThatNoIngestMadeIsNotOverwritten() {
    WineFiles.wines(spark())
        .write()
        .format("delta")
        .option("delta.columnMapping.mode", "name")
        .save(folder.resolve("table").toString());
    assertThatThrownBy(() -> ingest(WineFiles.write(folder.resolve("one.csv"), HEADER, GOOD), 0.0))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining(
            "was not made by an ingest of this data set (none of its latest 1 commits is an ingest's)");
    assertThat(new TableVersion(folder.resolve("table").toString(), 0).read(spark()).count())
        .isEqualTo(1599);
  }

  @Test
  void aTableWhoseTypesWereChangedIsNotOverwritten() {
    ingest(WineFiles.RED, 0.0);
    String table = folder.resolve("table").toString();
    spark()
        .read()
        .format("delta")
        .load(table)
        .withColumn("quality", col("quality").cast("int"))
        .write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", true)
        .save(table);
    assertThatThrownBy(() -> ingest(WineFiles.write(folder.resolve("one.csv"), HEADER, GOOD), 0.0))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("(its column quality is int, and double is wanted), and is not");
  }

  @Test
  void anUnchangedSourceIsFoundInTheNewestVersionWhenOnlyUpkeepFollowed() {
    IngestedTable first = ingest(WineFiles.RED, 0.0);
    String table = "delta.`" + first.accepted().location() + "`";
    spark().sql("ALTER TABLE " + table + " SET TBLPROPERTIES ('note' = 'upkeep')");
    assertThat(ingest(WineFiles.RED, 0.0).accepted().version())
        .isEqualTo(first.accepted().version() + 1);
    spark().sql("DELETE FROM " + table + " WHERE quality = 3");
    IngestedTable restored = ingest(WineFiles.RED, 0.0);
    assertThat(restored.accepted().version()).isEqualTo(first.accepted().version() + 3);
    assertThat(restored.accepted().read(spark()).count()).isEqualTo(1599);
  }

  @Test
  void equalValuesUnderOtherNamesAreAnotherTable() {
    List<ColumnDescription> columns =
        List.of(new ColumnDescription("a", "", 0, 9), new ColumnDescription("b", "", 0, 9));
    Path file = WineFiles.write(folder.resolve("ab.csv"), "a,b", "1,2", "3,4");
    ingest(file, 0.0, new DatasetDescription("d", columns, "b"));
    DatasetDescription swapped =
        new DatasetDescription("d", List.of(columns.get(1), columns.get(0)), "b");
    Path other = WineFiles.write(folder.resolve("ba.csv"), "b,a", "1,2", "3,4");
    assertThatThrownBy(() -> ingest(other, 0.0, swapped))
        .hasMessageContaining(
            "was not made by an ingest of this data set (it has the columns [a, b], and [b, a] are wanted)");
  }

  @Test
  void textsAndGapsEndInTheTableAndTheTableRefusesOthers() {
    DatasetDescription dataset =
        new DatasetDescription(
            "kinds",
            List.of(
                kind("bmi", new ColumnKind.Numeric(Missing.MEAN, Indicator.ADDED), 0),
                kind(
                    "cut",
                    new ColumnKind.Category(List.of("Fair", "it's \\ so"), Unknown.QUARANTINE, 1),
                    Double.NEGATIVE_INFINITY),
                kind(
                    "island",
                    new ColumnKind.Category(List.of(), Unknown.OTHER, 1),
                    Double.NEGATIVE_INFINITY),
                kind("w", new ColumnKind.Weight(), 0),
                kind("y", ColumnKind.NUMBER, Double.NEGATIVE_INFINITY)),
            "y");
    String header = "island,bmi,y,cut,w";
    Path file =
        WineFiles.write(
            folder.resolve("kinds.csv"),
            header,
            "Biscoe, 21.5 ,1,Fair,2",
            "\"Dream, too\",NA,2,it's \\ so,0",
            "?,,3, Fair ,1",
            "Biscoe,-1,4,Fair,1",
            "Biscoe,1,5,Ideal,1",
            "Biscoe,1,6,,1",
            "Biscoe,1,7,Fair,-1",
            "Biscoe,1,NA,Fair,1");
    IngestedTable ingested = ingest(file, 0.9, dataset);

    assertThat(ingested.counts()).hasValue(new RowCounts(8, 3, 5));
    assertThat(ingested.quarantinedByRule())
        .containsOnlyKeys(
            "bmi-out-of-range", "cut-unknown-level", "cut-missing", "w-out-of-range", "y-missing");
    Dataset<Row> table = ingested.accepted().read(spark());
    assertThat(table.schema().simpleString())
        .isEqualTo("struct<bmi:double,cut:string,island:string,w:double,y:double>");
    assertThat(table.orderBy("y").collectAsList())
        .extracting(row -> row.mkString("|"))
        .containsExactly(
            "21.5|Fair|Biscoe|2.0|1.0",
            "null|it's \\ so|Dream, too|0.0|2.0",
            "null|Fair|null|1.0|3.0");

    String sql = "delta.`" + ingested.accepted().location() + "`";
    for (String other : List.of("cut = 'Ideal'", "cut = NULL", "bmi = -1", "w = -1", "y = NULL")) {
      assertThatThrownBy(() -> spark().sql("UPDATE " + sql + " SET " + other))
          .as(other)
          .hasMessageContaining("believed_values");
    }
    spark().sql("UPDATE " + sql + " SET bmi = NULL, island = 'new'");

    // a gap where another row had a value, and a text where another had none
    List<String> lines = List.of(header, "Biscoe,NA,1,Fair,2", "?,21.5,2,Fair,1");
    IngestedTable some = ingest(WineFiles.write(folder.resolve("a.csv"), lines), 0.0, dataset);
    assertThat(ingest(WineFiles.write(folder.resolve("b.csv"), lines), 0.0, dataset).accepted())
        .isEqualTo(some.accepted());
    List<String> others = List.of(header, "?,21.5,1,Fair,2", "Biscoe,NA,2,Fair,1");
    assertThat(ingest(WineFiles.write(folder.resolve("c.csv"), others), 0.0, dataset).accepted())
        .isNotEqualTo(some.accepted());
  }

  private static ColumnDescription kind(String name, ColumnKind kind, double min) {
    return new ColumnDescription(
        name, name, "", "", min, Double.POSITIVE_INFINITY, Map.of(), List.of(), kind);
  }

  @Test
  void fileNamesAreTakenLiterally() {
    Path files = folder.resolve("files");
    assertThat(files.toFile().mkdir()).isTrue();
    WineFiles.write(files.resolve("a[1].csv"), HEADER, GOOD);
    WineFiles.write(files.resolve("a1 {x}*.csv"), HEADER, GOOD, GOOD);
    WineFiles.write(files.resolve("_hidden.csv"), HEADER, GOOD);
    assertThat(ingest(files, 0.0).counts()).hasValue(new RowCounts(3, 3, 0));
  }

  @Test
  void aByteOrderMarkCarriageReturnsAndGzipAreRead() throws IOException {
    Path plain = folder.resolve("windows.csv");
    // a number may have blanks behind it and a return is one, but nothing may stand behind a quote
    String quoted = GOOD.replaceFirst("([^,]*)$", "\"$1\"");
    Files.writeString(
        plain, "\uFEFF" + HEADER + "\r\n" + GOOD + "\r\n" + quoted + "\r\n\r\n" + quoted + "\r");
    assertThat(ingest(plain, 0.0).counts()).hasValue(new RowCounts(3, 3, 0));
    Path zipped = folder.resolve("zipped.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write((HEADER + "\n" + GOOD + "\n" + GOOD + "\n").getBytes(StandardCharsets.UTF_8));
    }
    assertThat(ingest(zipped, 0.0).counts()).hasValue(new RowCounts(2, 2, 0));
  }

  @Test
  void aTruncatedArchiveIsRefusedAndLeavesTheTables() throws IOException {
    IngestedTable before = ingest(WineFiles.RED, 0.0);
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(Files.readAllBytes(WineFiles.RED));
    }
    Path file = folder.resolve("truncated.csv.gz");
    Files.write(file, Arrays.copyOf(zipped.toByteArray(), 9000));
    assertThatThrownBy(() -> ingest(file, 0.0))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("could not be read to its end (EOFException");
    assertThat(ingest(WineFiles.RED, 0.0).accepted()).isEqualTo(before.accepted());
  }

  @Test
  void aChangedUnitReachesTheColumnsComment() {
    ingest(WineFiles.RED, 0.0);
    List<ColumnDescription> columns = new ArrayList<>(wine.columns());
    columns.set(7, new ColumnDescription("density", "kg/l", "our scales", 0.9, 1.2, Map.of()));
    IngestedTable changed =
        ingest(WineFiles.RED, 0.0, new DatasetDescription("wine", columns, "quality"));
    assertThat(changed.accepted().read(spark()).schema().apply("density").getComment().get())
        .isEqualTo("kg/l; source: our scales");
  }

  @Test
  void aColumnMayHaveOneValueForEachFile() throws IOException {
    Path source = Files.createDirectory(folder.resolve("both"));
    for (String name : List.of("the-red.csv", "white.csv")) {
      WineFiles.write(source.resolve(name), HEADER, GOOD, "\"7.4\"" + GOOD.substring(3));
    }
    DatasetDescription both = withColour(Map.of("*red*", 0.0, "white*", 1.0));

    for (IngestMode mode : IngestMode.values()) {
      IngestedTable table = ingest(source, mode, both);
      // the files differ only in the colour, so neither is ignored as known
      assertThat(
              table.accepted().read(spark()).groupBy("colour").count().collectAsList().stream()
                  .map(Row::mkString)
                  .sorted())
          .as(mode.toString())
          .containsExactly("0.02", "1.02");
    }
    refusedAs(
        source,
        withColour(Map.of("*red*", 0.0)),
        "\"colour\" has a value by file, and none for white.csv");
    refusedAs(
        source,
        withColour(new TreeMap<>(Map.of("*red*", 0.0, "*.csv", 1.0))),
        "and several (*.csv, *red*) for the-red.csv");
    WineFiles.write(source.resolve("white.csv"), HEADER + ",Colour", GOOD + ",1");
    refusedAs(
        source,
        both,
        "white.csv has the column \"colour\", which dataset.columns gives a value by file");
  }

  private DatasetDescription withColour(Map<String, Double> byFile) {
    List<ColumnDescription> columns = new ArrayList<>(wine.columns());
    columns.add(new ColumnDescription("colour", "0 red, 1 white", "", 0, 1, byFile));
    return new DatasetDescription("wines", columns, "quality");
  }

  private void refusedAs(Path source, DatasetDescription dataset, String message) {
    assertThatThrownBy(() -> ingest(source, IngestMode.REPLACE, dataset))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aRefusalCarriesCountsThatAddUp() {
    Path file = WineFiles.write(folder.resolve("bad.csv"), HEADER, GOOD, "x", "y");
    DataRefusedException refused =
        catchThrowableOfType(DataRefusedException.class, () -> ingest(file, 0.5));
    assertThat(refused.refused().orElseThrow().counts()).isEqualTo(new RowCounts(3, 1, 2));
    assertThat(refused.refused().orElseThrow().quarantinedByRule())
        .containsExactly(Map.entry("too-few-fields", 2L));
  }

  @Test
  void catalogTablesWorkLikePaths() {
    DataSettings settings =
        new DataSettings(
            WineFiles.RED.toString(),
            IngestMode.REPLACE,
            "default.wine_ingest",
            Optional.empty(),
            "default.wine_ingest_bad",
            "default.wine_ingest_files",
            Optional.empty(),
            0.0);
    CsvSource source =
        CsvSource.open(settings.source(), wine, spark().sparkContext().hadoopConfiguration());
    IngestedTable first = new CsvIngest(spark(), wine, settings, "first").ingest(source).table();
    IngestedTable again = new CsvIngest(spark(), wine, settings, "again").ingest(source).table();
    assertThat(again.accepted()).isEqualTo(first.accepted());
    assertThat(first.accepted().location()).isEqualTo("default.wine_ingest");
    assertThat(first.accepted().read(spark()).count()).isEqualTo(1599);
    assertThat(
            DeltaLocation.of("default.wine_ingest")
                .commits(spark(), first.accepted().version(), 1)
                .toList()
                .get(0)
                .fact("ingest"))
        .hasValue("first");
    spark().sql("DROP TABLE default.wine_ingest");
  }

  /** Of one byte more than the driver holds; a file that cannot be sized is not held either. */
  @Test
  void onlyRowsOfASmallSourceAreHeld() throws IOException {
    byte[] red = Files.readAllBytes(WineFiles.RED);
    byte[] blank = new byte[(int) SmallData.BYTES + 1];
    Arrays.fill(blank, (byte) '\n');
    System.arraycopy(red, 0, blank, 0, red.length);
    Path larger = Files.write(folder.resolve("larger.csv"), blank);
    Path most = Files.write(folder.resolve("most.csv"), Arrays.copyOf(blank, blank.length - 1));
    Path packed = folder.resolve("packed.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(red);
    }
    assertThat(held(most)).isTrue();
    assertThat(held(larger)).isFalse();
    assertThat(held(packed)).isFalse();
  }

  private boolean held(Path file) {
    CsvSource source =
        CsvSource.open(file.toString(), wine, spark().sparkContext().hadoopConfiguration());
    try (CheckedSource checked = CheckedSource.read(spark(), source, CheckedSource.Keep.VALUES)) {
      assertThat(checked.accepted(source.files()).count()).isEqualTo(1599);
      return checked.held();
    }
  }

  private IngestedTable ingest(Path file, double limit) {
    return ingest(file, limit, wine);
  }

  private IngestedTable ingest(Path file, double limit, DatasetDescription dataset) {
    return ingest(file, IngestMode.REPLACE, folder.resolve("table"), limit, dataset);
  }

  private IngestedTable ingest(Path file, IngestMode mode, DatasetDescription dataset) {
    return ingest(file, mode, folder.resolve("table-" + mode), 0.0, dataset);
  }

  private IngestedTable ingest(
      Path file, IngestMode mode, Path table, double limit, DatasetDescription dataset) {
    DataSettings settings =
        new DataSettings(
            file.toString(),
            mode,
            table.toString(),
            Optional.empty(),
            folder.resolve("quarantine").toString(),
            folder.resolve("files").toString(),
            Optional.empty(),
            limit);
    return new CsvIngest(spark(), dataset, settings, UUID.randomUUID().toString())
        .ingest(
            CsvSource.open(
                settings.source(), dataset, spark().sparkContext().hadoopConfiguration()))
        .table();
  }
}
