package winequality.data.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static winequality.data.WineFiles.GOOD;
import static winequality.data.WineFiles.HEADER;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import testing.SparkTest;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.IngestMode;
import winequality.data.RowCounts;
import winequality.data.WineFiles;

/**
 * Bad input with one defect each, on top of tables that an earlier job filled: checks the messages
 * and the tables. A {@link DataRefusedException} ends a job with exit code 3.
 */
class BadInputTest extends SparkTest {

  private static final String HELD = GOOD.replaceFirst("7.4", "1.5");

  @TempDir Path folder;
  private Path file = Path.of("unset");

  @BeforeEach
  void fillTheTables() {
    file = folder.resolve("wines.csv");
    WineFiles.write(file, HEADER, HELD);
    ingest(0.0);
  }

  @Test
  void anEmptyFile() throws IOException {
    Files.writeString(file, "");
    refused("wines.csv has no header: it is empty or begins with an empty line.");
  }

  /** As a Mac of 2000 wrote it; next to a good file, the loss of its rows would go unnoticed. */
  @Test
  void lineEndsOfACarriageReturnAlone() throws IOException {
    Files.writeString(file, HEADER + "\r" + GOOD + "\r" + GOOD + "\r");
    refused("The header of", "wines.csv ends with a carriage return alone", "Save the file with");
    Files.writeString(file, HEADER + "\r" + GOOD + "\n" + GOOD + "\n");
    refused("wines.csv ends with a carriage return alone");
    // after the header only: rows, all in one line, which is refused as a row
    Files.writeString(file, HEADER + "\n" + GOOD + "\r" + GOOD + "\n" + GOOD + "\n");
    assertThat(ingest(0.5).counts()).hasValue(new RowCounts(2, 1, 1));
  }

  @Test
  void aHeaderOnly() {
    WineFiles.write(file, HEADER);
    refused("has a header but no rows; there is nothing to train on.");
  }

  @Test
  void noHeader() {
    WineFiles.write(file, GOOD, GOOD);
    refused(
        "wines.csv lacks \"fixed acidity\", \"volatile acidity\"",
        "The first line must have the exact name of each column");
  }

  @Test
  void aMissingColumn() {
    WineFiles.write(file, HEADER.replace(",alcohol", ""), GOOD.replace(",9.4", ""));
    refused("wines.csv lacks \"alcohol\". It reads [fixed acidity,");
  }

  @ParameterizedTest
  @CsvSource({"pH", "PH"})
  void aColumnTwiceInEitherCase(String again) {
    WineFiles.write(file, HEADER + "," + again, GOOD + ",3.51");
    refused("has the column \"pH\" 2 times (upper and lower case count as one)");
  }

  @Test
  void anotherSeparator() {
    WineFiles.write(file, HEADER.replace(',', ':'), GOOD.replace(',', ':'));
    refused("lacks \"fixed acidity\"", "separated by comma, semicolon, tab or '|'");
    WineFiles.write(file, HEADER.replace(',', '\t'), GOOD.replace(',', '\t'), GOOD);
    assertThat(ingest(0.5).counts()).hasValue(new RowCounts(2, 1, 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7.4,0.7|too-few-fields|the line has 2 fields, the header 12",
        GOOD + ",1|too-many-fields|the line has 13 fields, the header 12",
        "x,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5|fixed-acidity-not-a-number|fixed acidity is \"x\"; it must be a decimal number with a point",
        ",0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5|fixed-acidity-missing|fixed acidity is empty",
        "NaN,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5|fixed-acidity-missing|fixed acidity is NaN; it stands for a missing value",
        "Infinity,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5|fixed-acidity-not-finite|fixed acidity is Infinity; it must be finite",
        "1e999,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5|fixed-acidity-not-finite|fixed acidity is 1e999; it must be finite",
        "0x10,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5|fixed-acidity-not-a-number|fixed acidity is \"0x10\"; it must be a decimal number with a point",
        "\"7,4\",0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5|fixed-acidity-decimal-comma|fixed acidity is \"7,4\"; it has a decimal comma; write it as 7.4",
        "7.4,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,11|quality-out-of-range|quality is 11; it must lie between 0.0 and 10.0",
        "7.4,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,-1|quality-out-of-range|quality is -1; it must lie between 0.0 and 10.0",
      },
      quoteCharacter = '\1')
  void oneBadRow(String row, String rule, String reason) {
    WineFiles.write(file, HEADER, GOOD, row, GOOD);
    refused("Quarantined 1 of 3 rows (33.3 %; limit 0.0 %): " + rule + " 1. See table");
    Row kept = quarantined();
    assertThat(kept.<String>getAs("rule")).isEqualTo(rule);
    assertThat(kept.<String>getAs("reason")).isEqualTo(reason);
    assertThat(kept.<String>getAs("raw")).isEqualTo(row);
    assertThat(kept.<Long>getAs("line")).isEqualTo(3);
    assertThat(kept.<String>getAs("file")).isEqualTo("file:" + file);
    // and where one in three may be bad, the others reach the table
    assertThat(ingest(0.5).counts()).hasValue(new RowCounts(3, 2, 1));
    assertThat(quarantined().<String>getAs("raw")).isEqualTo(row);
  }

  @Test
  void linesOfSeparatorsOnlyAreNoRows() {
    WineFiles.write(file, HEADER, GOOD, ",,,,,,,,,,,", " , ,\t,", "x" + GOOD);
    assertThat(ingest(0.5).counts()).hasValue(new RowCounts(2, 1, 1));
    assertThat(quarantined().<Long>getAs("line")).isEqualTo(5);
  }

  @Test
  void aHeaderThatIsOneFieldShort() {
    WineFiles.write(file, HEADER, "\"1\"," + GOOD, "\"2\"," + GOOD);
    refused("too-many-fields 2.", "R's write.table", "col.names = NA or row.names = FALSE");
    WineFiles.write(file, HEADER, "\"1\"," + GOOD, GOOD + ",");
    DataRefusedException e = catchThrowableOfType(DataRefusedException.class, () -> ingest(0.0));
    assertThat(e).hasMessageContaining("trailing-separator 1").hasMessageNotContaining("R's");
  }

  @Test
  void decimalCommasInAFileWithSemicolons() {
    WineFiles.write(file, HEADER.replace(',', ';'), GOOD.replace(',', ';').replace('.', ','));
    refused("Quarantined 1 of 1 rows (100.0 %; limit 0.0 %): fixed-acidity-decimal-comma 1");
  }

  @Test
  void aLineOfFiveMegabytes() {
    String line = "7.4," + "9".repeat(5 << 20);
    WineFiles.write(file, HEADER, GOOD, line, GOOD);
    assertThat(ingest(0.5).counts()).hasValue(new RowCounts(3, 2, 1));
    assertThat(quarantined().<String>getAs("raw")).isEqualTo(line);
    WineFiles.write(file, HEADER, GOOD, GOOD.replaceAll("5$", "x".repeat(5 << 20)), GOOD);
    assertThat(ingest(0.5).counts()).hasValue(new RowCounts(3, 2, 1));
    assertThat(quarantined().<String>getAs("value")).hasSize(101);
  }

  @Test
  void bytesThatAreNoUtf8() throws IOException {
    byte[] row = ("\u00e9" + GOOD).getBytes(StandardCharsets.ISO_8859_1);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes((HEADER + "\n" + GOOD + "\n").getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(row);
    Files.write(file, bytes.toByteArray());
    assertThat(ingest(0.5).counts()).hasValue(new RowCounts(2, 1, 1));
    assertThat(quarantined().<String>getAs("raw")).isEqualTo("\ufffd" + GOOD);
    assertThat(quarantined().<byte[]>getAs("raw_bytes")).isEqualTo(row);
  }

  @Test
  void nulBytes() {
    String row = GOOD.replaceFirst("7.4", "7\0.4");
    String nuls = "\0\0\0";
    WineFiles.write(file, HEADER, GOOD, row, nuls, GOOD);
    assertThat(ingest(0.5).counts()).hasValue(new RowCounts(4, 2, 2));
    assertThat(quarantine().stream().map(kept -> kept.<String>getAs("raw")).sorted().toList())
        .containsExactly(nuls, row);
  }

  @Test
  void aFolderWithoutFiles() throws IOException {
    Files.delete(file);
    file = Files.createDirectory(folder.resolve("empty"));
    refused("has no readable file. Name a CSV file, or a folder with some.");
  }

  @Test
  void aFileThatVanishesBetweenListingAndReading() throws IOException {
    WineFiles.write(file, HEADER, GOOD);
    winequality.data.csv.CsvSource source = source();
    source.layouts();
    Files.delete(file);
    DataRefusedException e =
        catchThrowableOfType(DataRefusedException.class, () -> ingest(source, 0.0));
    assertThat(e).hasMessageContaining("wines.csv").hasMessageContaining("cannot be read");
    untouched();
  }

  @Test
  void aFileThatGrowsAfterItWasListed() throws IOException {
    WineFiles.write(file, HEADER, GOOD);
    winequality.data.csv.CsvSource source = source();
    WineFiles.write(file, HEADER, GOOD, GOOD);
    DataRefusedException e =
        catchThrowableOfType(DataRefusedException.class, () -> ingest(source, 0.0));
    assertThat(e)
        .hasMessageContaining("wines.csv was changed while it was read")
        .hasMessageContaining("The tables are unchanged");
    untouched();
  }

  @Test
  void aCorruptArchive() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(Files.readAllBytes(WineFiles.RED));
    }
    byte[] bytes = packed.toByteArray();
    Arrays.fill(bytes, 15_000, 15_100, (byte) 0x55);
    file = folder.resolve("wines.csv.gz");
    Files.write(file, bytes);
    refused("wines.csv.gz\" could not be read to its end", "The tables are unchanged");
  }

  @Test
  void aTableWithAnotherSchemaAtTheTarget() {
    Path other = folder.resolve("other");
    spark().range(3).write().format("delta").save(other.toString());
    WineFiles.write(file, HEADER, GOOD);
    for (IngestMode mode : IngestMode.values()) {
      DataRefusedException e =
          catchThrowableOfType(
              DataRefusedException.class, () -> ingest(source(), mode, other, 0.0));
      assertThat(e)
          .hasMessageMatching(
              "(?s).*(was not made by an ingest of this data set|Nothing was added).*");
    }
    assertThat(spark().read().format("delta").load(other.toString()).count()).isEqualTo(3);
  }

  @Test
  void aNameThatIsNoneAndATableThatIsNotDeltas() {
    WineFiles.write(file, HEADER, GOOD);
    spark().range(3).write().mode("overwrite").saveAsTable("plain_parquet");
    try {
      for (IngestMode mode : IngestMode.values()) {
        for (String table : List.of("wine-2", "plain_parquet")) {
          DataRefusedException e =
              catchThrowableOfType(
                  DataRefusedException.class, () -> ingest(source(), mode, table, 0.0));
          assertThat(e)
              .as("%s into %s", mode, table)
              .hasMessageContaining("The table " + table + " cannot take the rows: [");
        }
      }
      assertThat(spark().table("plain_parquet").count()).isEqualTo(3);
    } finally {
      spark().sql("DROP TABLE plain_parquet");
    }
  }

  @Test
  void rowsOfWhichNoneIsInOrder() {
    WineFiles.write(file, HEADER, "x", "y");
    DataRefusedException e = catchThrowableOfType(DataRefusedException.class, () -> ingest(1.0));
    assertThat(e)
        .hasMessageContaining("No row was accepted")
        .hasMessageNotContainingAny("or raise");
    untouched();
  }

  @Test
  void aFolderOfSomethingElseAtTheTarget() throws IOException {
    WineFiles.write(file, HEADER, GOOD);
    Path partners = Files.createDirectories(folder.resolve("partners/2026"));
    Files.writeString(partners.resolve("prices.csv"), "a,b");
    noRoom(
        folder.resolve("partners"),
        "has files that do not belong to a table, such as 2026/prices.csv.");
    assertThat(partners.resolve("prices.csv")).hasContent("a,b");
    // rows of Spark's without a log are a table of Parquet's own, unlike those of a first write
    Path parquet = folder.resolve("parquet");
    spark().range(3).write().parquet(parquet.toString());
    noRoom(parquet, "such as _SUCCESS.");
    assertThat(spark().read().parquet(parquet.toString()).count()).isEqualTo(3);
    // a table one folder down, and one up
    spark().range(3).write().format("delta").save(folder.resolve("outer/inner").toString());
    noRoom(folder.resolve("outer"), "such as inner/_delta_log/");
    noRoom(
        folder.resolve("table/inner"),
        "would be inside the table",
        "VACUUM would delete its files");
    untouched();
  }

  private void noRoom(Path table, String... messages) {
    for (IngestMode mode : IngestMode.values()) {
      DataRefusedException e =
          catchThrowableOfType(
              DataRefusedException.class, () -> ingest(source(), mode, table, 0.0));
      assertThat(e).as("%s into %s", mode, table).hasMessageContainingAll(messages);
      assertThat(table.resolve("_delta_log")).doesNotExist();
    }
  }

  @Test
  void aHiddenFileIsNoHindrance() throws IOException {
    WineFiles.write(file, HEADER, GOOD);
    Path table = folder.resolve("noted");
    Files.createDirectories(table.resolve(".backup"));
    Files.writeString(table.resolve(".backup/.DS_Store"), "x");
    Files.writeString(table.resolve(".keep"), "");
    Files.writeString(Files.createDirectory(table.resolve("kept")).resolve(".keep"), "");
    assertThat(ingest(source(), IngestMode.REPLACE, table, 0.0).counts())
        .hasValue(new RowCounts(1, 1, 0));
  }

  @Test
  void aHalfWrittenTable() throws IOException {
    // a job that was killed before its first commit: data files, an empty log
    Path table = folder.resolve("half");
    Files.createDirectories(table.resolve("_delta_log"));
    Path part = table.resolve("part-00000-dead.snappy.parquet");
    Files.writeString(part, "no parquet");
    WineFiles.write(file, HEADER, GOOD);
    assertThat(ingest(source(), IngestMode.APPEND, table, 0.0).counts())
        .hasValue(new RowCounts(1, 1, 0));
    assertThat(spark().read().format("delta").load(table.toString()).count()).isEqualTo(1);
    // and one that was killed in a later write: files that no commit names
    Files.writeString(table.resolve("part-00001-dead.snappy.parquet"), "no parquet");
    WineFiles.write(file, HEADER, GOOD, GOOD);
    assertThat(ingest(source(), IngestMode.REPLACE, table, 0.0).accepted().version()).isEqualTo(1);
    assertThat(spark().read().format("delta").load(table.toString()).count()).isEqualTo(2);
  }

  private void refused(String... messages) {
    DataRefusedException e = catchThrowableOfType(DataRefusedException.class, () -> ingest(0.0));
    assertThat(e).hasMessageContainingAll(messages);
    untouched();
  }

  private void untouched() {
    List<Row> rows =
        spark().read().format("delta").load(folder.resolve("table").toString()).collectAsList();
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).getDouble(0)).isEqualTo(1.5);
  }

  private List<Row> quarantine() {
    return spark()
        .read()
        .format("delta")
        .load(folder.resolve("quarantine").toString())
        .collectAsList()
        .stream()
        .sorted(Comparator.comparing(row -> row.<Long>getAs("line")))
        .toList();
  }

  private Row quarantined() {
    List<Row> rows = quarantine();
    assertThat(rows).hasSize(1);
    return rows.get(0);
  }

  private winequality.data.csv.CsvSource source() {
    return winequality.data.csv.CsvSource.open(
        file.toString(), WineFiles.description(), spark().sparkContext().hadoopConfiguration());
  }

  private IngestedTable ingest(double limit) {
    return ingest(source(), limit);
  }

  private IngestedTable ingest(winequality.data.csv.CsvSource source, double limit) {
    return ingest(source, IngestMode.REPLACE, folder.resolve("table"), limit);
  }

  private IngestedTable ingest(
      winequality.data.csv.CsvSource source, IngestMode mode, Path table, double limit) {
    return ingest(source, mode, table.toString(), limit);
  }

  private IngestedTable ingest(
      winequality.data.csv.CsvSource source, IngestMode mode, String table, double limit) {
    DataSettings settings =
        new DataSettings(
            source.text(),
            mode,
            table,
            Optional.empty(),
            folder.resolve("quarantine").toString(),
            folder.resolve("files").toString(),
            Optional.empty(),
            limit);
    return new CsvIngest(spark(), WineFiles.description(), settings, UUID.randomUUID().toString())
        .ingest(source)
        .table();
  }
}
