package winequality.data.ingest;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static winequality.data.WineFiles.GOOD;
import static winequality.data.WineFiles.HEADER;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.LogLines;
import testing.SparkTest;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.RowCounts;
import winequality.data.WineFiles;
import winequality.data.csv.CsvFile;
import winequality.data.csv.CsvSource;
import winequality.data.ingest.FileLedger.TakenFile;
import winequality.data.table.DeltaCommit;
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableProperties;
import winequality.data.table.TableVersion;
import winequality.data.table.TableWriter;

/** Appending: each file once, whatever it is called and whenever a job died. */
class AppendTest extends SparkTest {

  private static final String BAD = GOOD.replaceAll("5$", "11");

  @TempDir Path folder;
  private Path source = Path.of("unset");

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
  }

  @Test
  void newFilesAreAddedAndKnownOnesAreNotReadAgain() throws IOException {
    file("one.csv", "1.1", "1.2");
    IngestedTable first = append();
    assertThat(first.counts()).hasValue(new RowCounts(2, 2, 0));
    file("two.csv", "2.1");
    IngestedTable second = append();
    assertThat(second.counts()).hasValue(new RowCounts(1, 1, 0));
    assertThat(acids()).containsExactly("1.1", "1.2", "2.1");

    IngestedTable third = append();
    assertThat(third.accepted()).isEqualTo(second.accepted());
    assertThat(third.counts()).hasValue(new RowCounts(0, 0, 0));
    assertThat(new TableVersion(first.accepted().location(), 0).read(spark()).count()).isEqualTo(2);
  }

  @Test
  void aFileIsKnownByItsContentUnderAnotherNameAndPacked() throws IOException {
    Path one = file("one.csv", "1.1", "1.2");
    IngestedTable first = append();
    Files.copy(one, source.resolve("copy.csv"));
    try (OutputStream packed =
        new GZIPOutputStream(Files.newOutputStream(source.resolve("packed.csv.gz")))) {
      packed.write(Files.readAllBytes(one));
    }
    Files.move(one, source.resolve("moved.csv"));
    assertThat(append().accepted()).isEqualTo(first.accepted());
    assertThat(acids()).containsExactly("1.1", "1.2");
    // the ledger knows them without reading: they were damaged since, with equal time and length
    Path copy = source.resolve("copy.csv");
    var modified = Files.getLastModifiedTime(copy);
    Files.write(copy, new byte[Math.toIntExact(Files.size(copy))]);
    Files.setLastModifiedTime(copy, modified);
    assertThat(append().accepted()).isEqualTo(first.accepted());
  }

  @Test
  void lineEndsSeparatorsAndTheOrderOfColumnsAreNoContent() throws IOException {
    WineFiles.write(source.resolve("one.csv"), HEADER, GOOD, acid("1.1"), BAD);
    IngestedTable first = append(0.9);
    String text = Files.readString(source.resolve("one.csv"));
    Files.writeString(source.resolve("windows.csv"), text.replace("\n", "\r\n"));
    Files.writeString(source.resolve("semicolons.csv"), text.replace(',', ';'));
    Files.writeString(source.resolve("precise.csv"), text.replace("0.9978", "0.99780"));
    Files.writeString(source.resolve("quoted.csv"), text.replace("0.9978", "\"0.9978\""));
    WineFiles.write(
        source.resolve("turned.csv"),
        Stream.of(HEADER, GOOD, acid("1.1"), BAD)
            .map(
                line -> {
                  List<String> fields = new ArrayList<>(List.of(line.split(",")));
                  Collections.reverse(fields);
                  return String.join(",", fields);
                })
            .toList());
    assertThat(append(0.9).accepted()).isEqualTo(first.accepted());
    assertThat(acids()).containsExactly("1.1", "7.4");
    assertThat(quarantine().count()).isEqualTo(1);
  }

  @Test
  void filesThatDifferInAFieldThatIsNotDescribedAreTwo() throws IOException {
    String header = "id," + HEADER;
    WineFiles.write(source.resolve("monday.csv"), header, "1," + GOOD, "2," + acid("1.1"));
    append();
    // another id, the same ids of other rows, another name of the column, and none
    WineFiles.write(source.resolve("tuesday.csv"), header, "1," + GOOD, "3," + acid("1.1"));
    WineFiles.write(source.resolve("turned.csv"), header, "2," + GOOD, "1," + acid("1.1"));
    WineFiles.write(source.resolve("no.csv"), "no," + HEADER, "1," + GOOD, "2," + acid("1.1"));
    WineFiles.write(source.resolve("none.csv"), HEADER, GOOD, acid("1.1"));
    assertThat(append().counts()).hasValue(new RowCounts(8, 8, 0));
    // copies of the first one
    WineFiles.write(source.resolve("a.csv"), header, "2 ," + acid("1.1"), "1," + GOOD);
    WineFiles.write(source.resolve("b.csv"), header, "\"1\"," + GOOD, "2," + acid("1.1"));
    WineFiles.write(
        source.resolve("c.csv"),
        HEADER.replace(',', ';') + ";id",
        GOOD.replace(',', ';') + ";1",
        acid("1.1").replace(',', ';') + ";2\r");
    LogLines log = LogLines.record();
    assertThat(append().counts()).hasValue(new RowCounts(0, 0, 0));
    assertThat(log.recorded())
        .filteredOn(line -> line.contains("is ignored: its 2 rows are those of file:"))
        .hasSize(3)
        .allMatch(line -> line.contains("monday.csv, which is in the table"));
    log.end();
  }

  @Test
  void filesThatDifferInARefusedRowAreTwo() throws IOException {
    WineFiles.write(source.resolve("one.csv"), "id," + HEADER, "1," + GOOD, "2," + BAD, "x");
    append(0.9);
    int files = 1;
    for (String[] other :
        List.of(
            new String[] {"3," + BAD, "x"},
            new String[] {"2," + BAD.replace("0.9978", "0.9979"), "x"},
            new String[] {"2," + BAD, "y"})) {
      WineFiles.write(
          source.resolve("other" + files + ".csv"),
          "id," + HEADER,
          "1," + GOOD,
          other[0],
          other[1]);
      assertThat(append(0.9).counts()).hasValue(new RowCounts(3, 1, 2));
      assertThat(quarantine().count()).isEqualTo(2L * ++files);
    }
    WineFiles.write(source.resolve("copy.csv"), "id," + HEADER, "x", "2," + BAD, "1," + GOOD);
    assertThat(append(0.9).counts()).hasValue(new RowCounts(0, 0, 0));
  }

  @Test
  void twoNewFilesWithTheSameContentAreOne() throws IOException {
    file("one.csv", "1.1");
    file("two.csv", "1.1");
    assertThat(append().counts()).hasValue(new RowCounts(1, 1, 0));
  }

  @Test
  void aJobThatDiedBeforeTheLedgerWasWrittenDoublesNothing() throws IOException {
    file("one.csv", "1.1");
    append();
    file("two.csv", "2.1");
    append();
    // as if neither job had got as far as the ledger
    delete(folder.resolve("files"));
    file("three.csv", "3.1");
    assertThat(append().counts()).hasValue(new RowCounts(1, 1, 0));
    assertThat(acids()).containsExactly("1.1", "2.1", "3.1");
    assertThat(ledger().count()).isEqualTo(3);
  }

  @Test
  void ofTwoJobsThatStartFromTheSameStateOneAdds() throws IOException {
    file("one.csv", "1.1");
    append();
    TableWriter late = writer("late", folder.resolve("table").toString());
    Dataset<Row> rows = new TableVersion(folder.resolve("table").toString(), 0).read(spark());
    file("two.csv", "2.1");
    append();
    // the first append went out from commit 0, so the second one did; a third job did too, and is
    // late
    assertThatThrownBy(() -> late.append(rows, 1, "after-0", Map.of("mode", "append")))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("Another job has written");
    assertThat(acids()).containsExactly("1.1", "2.1");
  }

  /** The second one looked before there was a table, and begins to write when there is. */
  @Test
  void ofTwoJobsThatFindNoTableNeitherWritesOverTheOther() {
    file("one.csv", "1.1");
    ingest(IngestMode.REPLACE, 0.05);
    Dataset<Row> rows = new TableVersion(folder.resolve("table").toString(), 0).read(spark());
    String fresh = folder.resolve("fresh").toString();
    Map<String, Object> first = Map.of("mode", "append");
    Map<String, Object> second =
        new AbstractMap<>() {
          private boolean quicker;

          @Override
          public Set<Entry<String, Object>> entrySet() {
            // what a commit says is asked for after the look and before the write
            if (!quicker) {
              quicker = true;
              writer("one", fresh).append(rows, 1, "new", first);
            }
            return first.entrySet();
          }
        };
    assertThatThrownBy(() -> writer("other", fresh).append(rows, 1, "new", second))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("Another job has written");
    List<DeltaCommit> history = DeltaLocation.of(fresh).commits(spark(), 0, 5).toList();
    assertThat(history)
        .singleElement()
        .matches(commit -> commit.fact("ingest").equals(Optional.of("one")));
  }

  private TableWriter writer(String ingestId, String table) {
    return new TableWriter(
        spark(),
        TableWriter.ingest(ingestId),
        DeltaLocation.of(table),
        TableProperties.ofAccepted(WineFiles.description()));
  }

  @Test
  void aChangedFileIsRefusedAndNothingIsAdded() {
    Path one = WineFiles.write(source.resolve("one.csv"), HEADER, acid("1.1"), BAD);
    Path bad = WineFiles.write(source.resolve("bad.csv"), HEADER, BAD, "x");
    append(0.9);
    file("two.csv", "2.1");
    Map<Path, List<List<String>>> changes =
        Map.of(
            one,
            List.of(
                // another row, one row more, a refused line mended, a refused line deleted
                List.of(HEADER, acid("1.2"), BAD),
                List.of(HEADER, acid("1.1"), BAD, acid("1.2")),
                List.of(HEADER, acid("1.1"), acid("1.2")),
                List.of(HEADER, acid("1.1"))),
            // a file of which no row was accepted is mended
            bad,
            List.of(List.of(HEADER, acid("3.1"), acid("3.2"))));
    changes.forEach(
        (file, contents) -> {
          List<String> before = lines(file);
          for (List<String> content : contents) {
            WineFiles.write(file, content);
            assertThatThrownBy(() -> append(0.9))
                .isInstanceOf(DataRefusedException.class)
                .hasMessageContaining(
                    file.getFileName() + " was ingested at version 0 of " + folder)
                .hasMessageContaining("has changed since")
                .hasMessageContaining("put the new rows into a separate file")
                .hasMessageContaining("data.mode=replace. Nothing was added.");
            assertThat(acids()).containsExactly("1.1");
            assertThat(quarantine().count()).isEqualTo(3);
          }
          WineFiles.write(file, before);
        });
    assertThat(append().counts()).hasValue(new RowCounts(1, 1, 0));
    assertThat(acids()).containsExactly("1.1", "2.1");
  }

  @Test
  void refusedFilesAreTakenInWhenTheyAreMendedAndLeaveTheQuarantine() throws IOException {
    Path file = source.resolve("one.csv");
    WineFiles.write(file, HEADER, GOOD, BAD);
    assertThatThrownBy(this::append).hasMessageContaining("Quarantined 1 of 2 rows");
    assertThat(quarantine().count()).isEqualTo(1);
    assertThatThrownBy(this::append).hasMessageContaining("Quarantined 1 of 2 rows");
    assertThat(quarantine().count()).isEqualTo(1);
    WineFiles.write(file, HEADER, GOOD, GOOD);
    assertThat(append().counts()).hasValue(new RowCounts(2, 2, 0));
    assertThat(quarantine().count()).isZero();
  }

  /** Its ledger has a column more, and so have the files that its commits name. */
  @Test
  void ledgerAndCommitsOfTheFirstReleaseAreReadAndGoOn() {
    Path one = WineFiles.write(source.resolve("one.csv"), HEADER, acid("1.1"), BAD);
    append(0.9);
    ledger()
        .withColumn("accepted_rows", lit("00"))
        .write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", true)
        .save(folder.resolve("files").toString());
    file("two.csv", "2.1");
    assertThat(append().counts()).hasValue(new RowCounts(1, 1, 0));
    assertThat(ledger().columns()).contains("accepted_rows");
    assertThat(ledger().count()).isEqualTo(2);

    String table = folder.resolve("table").toString();
    Dataset<Row> rows = new TableVersion(table, 0).read(spark());
    Path three = source.resolve("three.csv");
    Map<String, Object> facts =
        new TakenFile(new CsvFile("file:" + three, 1, 1), "c", 1, 0, 0).facts();
    facts.put("accepted_rows", "00");
    writer("first release", table)
        .append(rows, 1, "after-1", Map.of("mode", "append", "files", List.of(facts)));
    for (Path taken : List.of(one, three)) {
      WineFiles.write(taken, HEADER, acid("1.1"), acid("1.2"));
      assertThatThrownBy(() -> append(0.9))
          .isInstanceOf(DataRefusedException.class)
          .hasMessageContaining(taken.getFileName() + " was ingested at version ");
      WineFiles.write(one, HEADER, acid("1.1"), BAD);
    }
  }

  @Test
  void theQuarantineKeepsTheRowsOfOtherFiles() throws IOException {
    WineFiles.write(source.resolve("o'ne.csv"), HEADER, GOOD, BAD);
    append(0.9);
    WineFiles.write(source.resolve("two.csv"), HEADER, GOOD, GOOD, "x");
    append(0.9);
    assertThat(quarantine().select("rule").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactlyInAnyOrder("quality-out-of-range", "too-few-fields");
    file("three.csv", "3.1");
    IngestedTable third = append();
    assertThat(third.quarantine().orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void afterReplaceTheFilesOfTheMirrorAreKnown() throws IOException {
    file("one.csv", "1.1");
    ingest(IngestMode.REPLACE, 0.0);
    file("two.csv", "2.1");
    assertThat(append().counts()).hasValue(new RowCounts(1, 1, 0));
    file("three.csv", "3.1");
    ingest(IngestMode.REPLACE, 0.0);
    assertThat(append().counts()).hasValue(new RowCounts(0, 0, 0));
    assertThat(acids()).containsExactly("1.1", "2.1", "3.1");
  }

  @Test
  void afterAReplaceByOtherFilesWithTheSameRowsThoseAreKnown() throws IOException {
    Path one = file("one.csv", "1.1", "1.2");
    IngestedTable whole = ingest(IngestMode.REPLACE, 0.0);
    assertThat(ingest(IngestMode.REPLACE, 0.0).accepted()).isEqualTo(whole.accepted());
    Files.delete(one);
    file("p1.csv", "1.1");
    file("p2.csv", "1.2");
    assertThat(ingest(IngestMode.REPLACE, 0.0).accepted()).isEqualTo(whole.accepted());
    assertThat(append().counts()).hasValue(new RowCounts(0, 0, 0));
    // and one that has moved is known where it is now
    Files.move(source.resolve("p1.csv"), source.resolve("q1.csv"));
    ingest(IngestMode.REPLACE, 0.0);
    file("q1.csv", "1.1", "1.3");
    assertThatThrownBy(this::append)
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("q1.csv was ingested at version 0 of");
    assertThat(acids()).containsExactly("1.1", "1.2");
  }

  @Test
  void aFileThatWasOverwrittenByAnotherIsStillInTheTable() throws IOException {
    Path one = file("one.csv", "1.1");
    Path two = file("two.csv", "2.1");
    append();
    byte[] first = Files.readAllBytes(one);
    Files.copy(two, one, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(append().counts()).hasValue(new RowCounts(0, 0, 0));
    Files.write(source.resolve("three.csv"), first);
    assertThat(append().counts()).hasValue(new RowCounts(0, 0, 0));
    // and its path is not free for other rows
    file("one.csv", "1.2");
    assertThatThrownBy(this::append)
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("one.csv was ingested at version 0 of");
    assertThat(acids()).containsExactly("1.1", "2.1");
  }

  @Test
  void aFileWithoutRowsHindersNoOtherAndMayBeFilledLater() throws IOException {
    file("one.csv", "1.1");
    append();
    WineFiles.write(source.resolve("empty.csv"), HEADER);
    assertThat(append().counts()).hasValue(new RowCounts(0, 0, 0));
    file("two.csv", "2.1");
    assertThat(append().counts()).hasValue(new RowCounts(1, 1, 0));
    file("empty.csv", "3.1");
    assertThat(append().counts()).hasValue(new RowCounts(1, 1, 0));
    assertThat(acids()).containsExactly("1.1", "2.1", "3.1");
    // a replace names a file without rows too
    WineFiles.write(source.resolve("header.csv"), HEADER);
    file("four.csv", "4.1");
    ingest(IngestMode.REPLACE, 0.0);
    file("header.csv", "5.1");
    assertThat(append().counts()).hasValue(new RowCounts(1, 1, 0));
  }

  @Test
  void afterARestoreNothingIsAddedUntilAReplace() throws IOException {
    file("one.csv", "1.1");
    append();
    file("two.csv", "2.1");
    append();
    restore();
    refusedAfterTheRestoreIn(2);
    // nor without a ledger
    delete(folder.resolve("files"));
    refusedAfterTheRestoreIn(2);
    ingest(IngestMode.REPLACE, 0.0);
    file("three.csv", "3.1");
    assertThat(append().counts()).hasValue(new RowCounts(1, 1, 0));
    assertThat(acids()).containsExactly("1.1", "2.1", "3.1");
    // a restore to before a replace, and one of a table whose rows are those of the source
    restore();
    refusedAfterTheRestoreIn(5);
    Files.delete(source.resolve("two.csv"));
    Files.delete(source.resolve("three.csv"));
    ingest(IngestMode.REPLACE, 0.0);
    assertThat(append().counts()).hasValue(new RowCounts(0, 0, 0));
    assertThat(acids()).containsExactly("1.1");
  }

  private void refusedAfterTheRestoreIn(long version) {
    List<String> before = acids();
    assertThatThrownBy(this::append)
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("version " + version + " restored an older one")
        .hasMessageContaining("Nothing was added. Run the job once with data.mode=replace");
    assertThat(acids()).isEqualTo(before);
  }

  @Test
  void theLedgerDoesNotPassOverARestoreThatCameBetweenLookAndCommit() {
    file("one.csv", "1.1");
    append();
    file("two.csv", "2.1");
    append();
    DeltaLocation table = DeltaLocation.resolved(folder.resolve("table").toString(), spark());
    DeltaLocation files = DeltaLocation.resolved(folder.resolve("files").toString(), spark());
    FileLedger ledger = new FileLedger(spark(), table, files);
    FileLedger.State before = ledger.state();
    restore();
    ledger.update(before, List.of());
    refusedAfterTheRestoreIn(2);
  }

  private void restore() {
    spark().sql("RESTORE TABLE delta.`" + folder.resolve("table") + "` TO VERSION AS OF 0");
  }

  @Test
  void aReplaceByTheFirstFilesAgainIsKnownToo() throws IOException {
    Path one = file("one.csv", "1.1", "1.2");
    ingest(IngestMode.REPLACE, 0.0);
    Files.delete(one);
    file("p1.csv", "1.1");
    file("p2.csv", "1.2");
    ingest(IngestMode.REPLACE, 0.0);
    Files.delete(source.resolve("p1.csv"));
    Files.delete(source.resolve("p2.csv"));
    file("one.csv", "1.1", "1.2");
    ingest(IngestMode.REPLACE, 0.0);
    assertThat(append().counts()).hasValue(new RowCounts(0, 0, 0));
    assertThat(acids()).containsExactly("1.1", "1.2");
  }

  @Test
  void withoutLedgerAndHistoryNothingIsAdded() throws IOException {
    file("one.csv", "1.1");
    append();
    String table = folder.resolve("table").toString();
    spark()
        .sql(
            "ALTER TABLE delta.`" + table + "` SET TBLPROPERTIES ('delta.checkpointInterval' = 1)");
    file("two.csv", "2.1");
    append();
    file("three.csv", "3.1");
    append();
    delete(folder.resolve("files"));
    Files.delete(Path.of(table, "_delta_log", "00000000000000000000.json"));
    org.apache.spark.sql.delta.DeltaLog.clearCache();
    file("four.csv", "4.1");
    assertThatThrownBy(this::append)
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("It is no longer known which files are in the table")
        .hasMessageContaining("Nothing was added");
    assertThat(acids()).containsExactly("1.1", "2.1", "3.1");
  }

  /** What many nights leave, made at once: more small files than a training should open. */
  @Test
  void manySmallFilesAreMadeFewBeforeMoreAreAdded() {
    file("one.csv", "1.1");
    append();
    String table = folder.resolve("table").toString();
    spark()
        .read()
        .format("delta")
        .load(table)
        .crossJoin(spark().range(60))
        .drop("id")
        .repartition(60)
        .write()
        .format("delta")
        .mode("append")
        .save(table);
    assertThat(files(table)).isGreaterThan(50);
    file("two.csv", "2.1");
    IngestedTable added = append();
    assertThat(added.counts()).hasValue(new RowCounts(1, 1, 0));
    assertThat(files(table)).isLessThan(5);
    assertThat(acids()).hasSize(62).endsWith("1.1", "2.1");
    // and the ingested files are still known
    assertThat(append().accepted()).isEqualTo(added.accepted());
  }

  private long files(String table) {
    return spark()
        .sql("DESCRIBE DETAIL delta.`" + table + "`")
        .select("numFiles")
        .first()
        .getLong(0);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void rowsThatSomethingElseDeletedAreMissedEachTime() throws IOException {
    Path one = file("one.csv", "1.1", "1.2", "1.3");
    append();
    Files.copy(one, source.resolve("copy.csv"));
    assertThat(warnings(this::append)).isEmpty();
    spark().sql("DELETE FROM delta.`" + folder.resolve("table") + "` WHERE `fixed acidity` > 1.15");
    String missed =
        "should have 3 rows from its files and has 1: another program deleted 2 of them.";
    assertThat(warnings(this::append))
        .hasSize(2)
        .anyMatch(line -> line.contains("was not made by an ingest but by DELETE"))
        .anyMatch(line -> line.contains(missed));
    file("two.csv", "2.1");
    assertThat(warnings(this::append)).anyMatch(line -> line.contains(missed));
    assertThat(warnings(this::append))
        .singleElement()
        .asString()
        .contains(
            "should have 4 rows from its files and has 2: another program deleted 2 of them.");
  }

  private static List<String> warnings(Supplier<IngestedTable> work) {
    LogLines log = LogLines.record();
    try {
      assertThat(work.get()).isNotNull();
      return log.recorded().stream()
          .filter(
              line ->
                  line.contains("not made by an ingest")
                      || line.contains("another program deleted"))
          .toList();
    } finally {
      log.end();
    }
  }

  @Test
  void aDamagedTableIsNamedAndNothingIsAdded() throws IOException {
    file("one.csv", "1.1");
    append();
    Path log = folder.resolve("table/_delta_log");
    Files.writeString(log.resolve("00000000000000000000.json"), "not JSON");
    delete(folder.resolve("files"));
    file("two.csv", "2.1");
    for (IngestMode mode : IngestMode.values()) {
      assertThatThrownBy(() -> ingest(mode, 0.05))
          .isInstanceOf(DataRefusedException.class)
          .hasMessageContaining("is damaged: ", "Checksum error: file:")
          .hasMessageContaining("made again with data.mode=replace");
    }
  }

  private static String acid(String acid) {
    return GOOD.replaceFirst("7.4", acid);
  }

  private Path file(String name, String... acids) {
    List<String> lines =
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of(HEADER),
                java.util.stream.Stream.of(acids).map(AppendTest::acid))
            .toList();
    return WineFiles.write(source.resolve(name), lines);
  }

  private List<String> acids() {
    return spark()
        .read()
        .format("delta")
        .load(folder.resolve("table").toString())
        .select("fixed acidity")
        .collectAsList()
        .stream()
        .map(row -> String.valueOf(row.getDouble(0)))
        .sorted()
        .toList();
  }

  private Dataset<Row> quarantine() {
    return spark().read().format("delta").load(folder.resolve("quarantine").toString());
  }

  private Dataset<Row> ledger() {
    return spark().read().format("delta").load(folder.resolve("files").toString());
  }

  private static void delete(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    org.apache.spark.sql.delta.DeltaLog.clearCache();
  }

  private IngestedTable append() {
    return append(0.05);
  }

  private IngestedTable append(double limit) {
    return ingest(IngestMode.APPEND, limit);
  }

  private IngestedTable ingest(IngestMode mode, double limit) {
    DataSettings settings =
        new DataSettings(
            source.toString(),
            mode,
            folder.resolve("table").toString(),
            Optional.empty(),
            folder.resolve("quarantine").toString(),
            folder.resolve("files").toString(),
            Optional.empty(),
            limit);
    DatasetDescription wine = WineFiles.description();
    return new CsvIngest(spark(), wine, settings, UUID.randomUUID().toString())
        .ingest(
            CsvSource.open(settings.source(), wine, spark().sparkContext().hadoopConfiguration()))
        .table();
  }
}
