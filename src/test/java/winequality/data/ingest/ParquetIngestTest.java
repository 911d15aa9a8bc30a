package winequality.data.ingest;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.SparkTest;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.RowCounts;
import winequality.data.table.DeltaLocation;
import winequality.data.table.ParquetSource;
import winequality.data.table.SourceRows;
import winequality.data.table.TableVersion;

/** Parquet as the source: checked, and copied because it has no versions. */
class ParquetIngestTest extends SparkTest {

  @TempDir Path folder;

  @Test
  void aFileOrAFolderWithOrWithoutPartitionsIsParquetAndCsvIsNot() throws IOException {
    rows(0, 4).write().partitionBy("year").parquet(path("parts"));
    rows(0, 4).coalesce(1).write().parquet(path("plain"));
    Path one = parquet("plain").get(0);
    for (String found : List.of(path("parts"), path("plain"), one.toString())) {
      assertThat(find(found)).as(found).isPresent();
      assertThat(find(found).orElseThrow().read(spark()).count()).as(found).isEqualTo(4);
    }
    assertThat(find(path("parts")).orElseThrow().read(spark()).columns()).contains("year");

    rows(0, 4).write().csv(path("csv"));
    assertThat(find(path("csv"))).isEmpty();
    assertThat(find(path("none"))).isEmpty();
    Files.createDirectories(folder.resolve("empty/within"));
    rows(0, 4).write().partitionBy("year").csv(path("csv by year"));
    assertThat(find(path("csv by year"))).isEmpty();
    assertThat(find(path("empty"))).isEmpty();
    // files of both kinds: the reader of CSV files refuses the Parquet file by name
    Files.copy(one, folder.resolve("csv/a.parquet"));
    assertThat(find(path("csv"))).isEmpty();
    Files.copy(one, folder.resolve("UPPER.PARQUET"));
    assertThat(find(path("UPPER.PARQUET"))).isPresent();
  }

  /** Of these folders Spark would read some files and leave out others without a word. */
  @Test
  void aFolderOfWhichSparkWouldReadSomeFilesIsRefused() throws IOException {
    rows(0, 4).coalesce(1).write().parquet(path("plain"));
    Path one = parquet("plain").get(0);
    for (List<String> files :
        List.of(
            List.of("a.parquet", "sub/b.parquet"),
            List.of("a.parquet", "year=1/b.parquet"),
            List.of("year=1/b.parquet", "other/c.parquet"),
            List.of("year=1/b.parquet", "year=2/c.csv"),
            List.of("year=1/b.parquet", "year=2/sub/c.parquet"),
            List.of("year=1/sub/b.parquet", "year=2/c.parquet"))) {
      String name = String.join("+", files).replace('/', '-');
      for (String file : files) {
        Path to = folder.resolve(name).resolve(file);
        Files.createDirectories(to.getParent());
        Files.copy(one, to);
      }
      assertThatThrownBy(() -> find(path(name)))
          .as(name)
          .isInstanceOf(DataRefusedException.class)
          .hasMessageContaining("would leave out file:" + path(name));
    }
    // the log of a table says which of its files count
    rows(0, 4).write().format("delta").partitionBy("year").save(path("delta"));
    spark().sql("DELETE FROM delta.`" + path("delta") + "` WHERE y = 1");
    assertThatThrownBy(() -> find(path("delta/year=0")))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("has the files of the table file:" + path("delta"));
    // what is hidden does not count: neither read nor in the fingerprint
    ParquetSource before = find(path("plain")).orElseThrow();
    for (String hidden : List.of("_tmp/b.parquet", ".local/t/c.parquet", "_delta", ".a.parquet")) {
      Path to = folder.resolve("plain").resolve(hidden);
      Files.createDirectories(to.getParent());
      Files.copy(one, to);
    }
    assertThat(find(path("plain"))).hasValue(before);
    assertThat(before.read(spark()).count()).isEqualTo(4);
  }

  @Test
  void aPathThatLooksLikeAPatternIsRead() {
    rows(0, 4).write().parquet(path("[20]{24}"));
    assertThat(find(path("[20]{24}")).orElseThrow().read(spark()).count()).isEqualTo(4);
  }

  @Test
  void acceptedRowsAreCopiedAndRefusedOnesAreKept() {
    // 12 is beyond the maximum
    rows(9, 13).write().parquet(path("source"));
    IngestedTable table = ingest("first");
    assertThat(table.counts()).hasValue(new RowCounts(4, 3, 1));
    assertThat(table.accepted()).isEqualTo(new TableVersion("file:" + path("table"), 0));
    Dataset<Row> copied = table.accepted().read(spark());
    assertThat(copied.columns()).containsExactly("y", "a");
    assertThat(copied.orderBy("y").collectAsList().stream().map(Row::mkString))
        .containsExactly("9.018.0", "10.020.0", "11.022.0");
    assertThat(copied.schema().apply("a").getComment().get()).isEqualTo("kg");
    assertThat(table.quarantinedByRule()).containsEntry("y-out-of-range", 1L);
    Row refused = table.quarantine().orElseThrow().read(spark()).first();
    assertThat(refused.<String>getAs("file")).isEqualTo("file:" + path("source"));
    assertThat(refused.<String>getAs("raw")).contains("\"y\":12", "\"year\":0");
  }

  @Test
  void unchangedFilesMakeNoVersionAndAnyChangeMakesOne() throws IOException {
    rows(0, 4).write().parquet(path("source"));
    assertThat(ingest("first").accepted().version()).isZero();
    assertThat(ingest("again").accepted().version()).isZero();
    Path file = parquet("source").get(0);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    assertThat(ingest("touched").accepted().version()).isEqualTo(1);
    rows(4, 6).write().mode("append").parquet(path("source"));
    TableVersion more = ingest("more").accepted();
    assertThat(more.version()).isEqualTo(2);
    assertThat(more.read(spark()).count()).isEqualTo(6);
  }

  /** The run would name a version that nobody can read. */
  @Test
  void anUnchangedSourceWhoseCopyIsGoneIsRefused() throws IOException {
    rows(0, 4).write().parquet(path("source"));
    ingest("first");
    for (Path file : parquet("table")) {
      Files.delete(file);
    }
    assertThatThrownBy(() -> ingest("again"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("files of its newest version, 0, are gone");
  }

  @Test
  void aColumnThatSomeFilesLackIsMissingThere() {
    rows(0, 4).write().parquet(path("source"));
    rows(4, 6).drop("a").write().mode("append").parquet(path("source"));
    IngestedTable table = ingest("job");
    assertThat(table.counts()).hasValue(new RowCounts(6, 4, 2));
    assertThat(table.quarantinedByRule()).containsEntry("a-missing", 2L);
  }

  @Test
  void whatCannotBeReadIsRefusedByName() throws IOException {
    rows(0, 4).write().parquet(path("types"));
    rows(0, 4).selectExpr("CAST(y AS STRING) AS y").write().mode("append").parquet(path("types"));
    assertThatThrownBy(() -> ingest("types", "job"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("Write each column with one type in all files")
        .hasMessageContaining("data.source \"%s\"".formatted(path("types")));

    rows(0, 4).drop("a").write().parquet(path("lacks"));
    assertThatThrownBy(() -> ingest("lacks", "job"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("it lacks \"a\"");

    rows(0, 400).coalesce(1).write().parquet(path("damaged"));
    Path file = parquet("damaged").get(0);
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 100; i < bytes.length / 3; i++) {
      bytes[i] = 0;
    }
    Files.write(file, bytes);
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    assertThatThrownBy(() -> ingest("damaged", "job"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("data.source \"%s\" could not be read".formatted(path("damaged")));
    assertThat(DeltaLocation.of(path("table")).exists(spark())).isFalse();
  }

  @Test
  void filesThatChangeMeanwhileAreRefused() {
    rows(0, 4).write().parquet(path("source"));
    ParquetSource listed = find(path("source")).orElseThrow();
    rows(4, 6).write().mode("append").parquet(path("source"));
    assertThatThrownBy(() -> ingester("source", "job").ingest(listed))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("changed while they were read");
  }

  /** y from a number up to another, a = 2y. */
  private Dataset<Row> rows(int from, int to) {
    return spark().range(from, to).selectExpr("id AS y", "CAST(2 * id AS FLOAT) AS a", "0 AS year");
  }

  private Optional<ParquetSource> find(String path) {
    return ParquetSource.find("data.source", path, spark());
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private List<Path> parquet(String name) throws IOException {
    // Delta 4.1 puts a mapped table's files into folders
    try (Stream<Path> files = Files.walk(folder.resolve(name))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).toList();
    }
  }

  /** A condition that is nested as deeply as it has columns would end Spark's stack. */
  @Test
  void aTableMayHaveManyColumns() {
    List<ColumnDescription> columns =
        IntStream.range(0, 1200)
            .mapToObj(i -> new ColumnDescription("x" + i, "", 0, i == 1199 ? 11 : 1000))
            .toList();
    spark()
        .range(9, 13)
        .select(columns.stream().map(c -> col("id").as(c.name())).toArray(Column[]::new))
        .write()
        .parquet(path("wide"));
    ParquetSource source = find(path("wide")).orElseThrow();
    assertThat(SourceRows.of("wide", source.read(spark()), columns).accepted().count())
        .isEqualTo(3);
  }

  private IngestedTable ingest(String id) {
    return ingest("source", id);
  }

  private IngestedTable ingest(String name, String id) {
    return ingester(name, id).ingest(find(path(name)).orElseThrow()).table();
  }

  private TableIngest ingester(String name, String id) {
    DatasetDescription dataset =
        new DatasetDescription(
            "numbers",
            List.of(
                new ColumnDescription("y", "", 0, 11), new ColumnDescription("a", "kg", 0, 1000)),
            "y");
    return new TableIngest(
        spark(),
        dataset,
        new DataSettings(
            path(name),
            IngestMode.REPLACE,
            path("table"),
            Optional.empty(),
            path("quarantine"),
            path("files"),
            Optional.empty(),
            0.5),
        id);
  }
}
