package winequality.data.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import elasticnet.encoding.Feature.Gap.Indicator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Tuple3;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;

/** Files as people have them: found, and their first lines read, without Spark. */
class CsvSourceTest {

  private static final List<ColumnDescription> COLUMNS =
      Stream.of("a", "b", "y").map(CsvSourceTest::column).toList();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t", "|"})
  void theSeparatorIsFoundInTheHeader(String separator) throws IOException {
    CsvLayout layout = layout(write("x.csv", "y,\"an , ; | name\",a,b\n".replace(",", separator)));
    assertThat(layout.separator()).isEqualTo(separator.charAt(0));
    assertThat(layout.positions()).containsExactly(2, 3, 0);
    double[] values = new double[3];
    RowChecker checker = new RowChecker(COLUMNS, layout);
    assertThat(check(checker, "1,x, 2 ,3".replace(",", separator), values)).isNull();
    assertThat(values).containsExactly(2, 3, 1);
    // an empty field between two separators, blank characters or not
    assertThat(check(checker, "1,x,,3".replace(",", separator), values))
        .extracting(Refusal::rule)
        .isEqualTo("a-missing");
  }

  static Stream<Arguments> filesThatAreNotText() throws IOException {
    byte[] text = "a,b,y\n1,2,3\n".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(text);
    }
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(zip)) {
      out.putNextEntry(new ZipEntry("x.csv"));
      out.write(text);
    }
    String csv = "a,b,y\n1,2,3\n";
    return Stream.of(
        Arguments.of("gzip", gzip.toByteArray(), "Rename it so that it ends in .gz."),
        Arguments.of("zip", zip.toByteArray(), "Unpack it, or save the sheet as CSV in UTF-8."),
        // as xz, bzip2, zstd, Excel 97 and Parquet begin
        Arguments.of("xz", latin("\u00fd7zXZ\0\0\4\r"), "which Hadoop cannot unpack. Unpack it"),
        Arguments.of("bzip2", latin("BZh91AY&SY\r"), "Rename it so that it ends in .bz2."),
        Arguments.of("zstd", latin("(\u00b5/\u00fdd\17\7\5\r"), "pack it with gzip."),
        Arguments.of("Excel", latin("\u00d0\u00cf\21\u00e0\u00a1\u00b1\r"), "Save the sheet"),
        Arguments.of(
            "Parquet",
            latin("PAR1\25\4\25\r"),
            "Give it the ending .parquet, and name it or a folder with nothing else (no pattern)."),
        Arguments.of("UTF-16", ("\ufeff" + csv).getBytes(StandardCharsets.UTF_16LE), "Save it as"),
        Arguments.of("UTF-16", csv.getBytes(StandardCharsets.UTF_16), "Save it as CSV in UTF-8."),
        Arguments.of("bytes of zero", csv.getBytes(StandardCharsets.UTF_16LE), "not text"));
  }

  @ParameterizedTest
  @MethodSource("filesThatAreNotText")
  void aFileThatIsNotTextIsNamed(String format, byte[] bytes, String advice) throws IOException {
    Path file = Files.write(folder.resolve("x.csv"), bytes);
    refused(file, "x.csv is ", format, advice);
  }

  /** The Hadoop that Spark brings has no native libraries. */
  @Test
  void aCodecWithoutItsNativeLibraryIsNamed() throws IOException {
    refused(
        write("x.csv.zst", "(\u00b5/\u00fd"), "x.csv.zst cannot be unpacked", "for .zst", "gzip");
  }

  @Test
  void aColonInTheNameOfAFileIsNamed() throws IOException {
    String advice = "Hadoop takes no colon in the name of a file here; rename the file.";
    refused(write("a:b.csv", "a,b,y\n"), "a:b.csv\" cannot be read: " + advice);
    refused(folder, "a:b.csv\" cannot be read: " + advice);
    refused(Path.of("a:b.csv"), "a:b.csv\" cannot be read: " + advice);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sep=,", "SEP=;", "sep=\t", "\"sep=,\""})
  void theLineForExcelIsNamed(String line) throws IOException {
    refused(
        write("x.csv", line + "\na,b,y\n"), "lacks \"a\", \"b\", \"y\"", "for Excel", "delete it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"# ours\na,b,y\n", "#a,b,y\n"})
  void aCommentIsNamed(String text) throws IOException {
    refused(write("x.csv", text), "lacks \"a\"", "begins with # is not skipped; delete the lines");
  }

  @Test
  void aHeaderInLatin1IsNamed() throws IOException {
    Path file = Files.write(folder.resolve("x.csv"), latin("a,b,gr\u00f6\u00dfe\n"));
    refused(file, "lacks \"y\"", "not text in UTF-8; save the file as CSV in UTF-8.");
  }

  @Test
  void whatCannotBeDataIsLeftOutBesideCsvFiles() throws IOException {
    write("x.csv", "a,b,y\n1,2,3\n");
    write("empty.csv", "");
    write("README.txt", "About these data, and what b is\n");
    assertThat(layouts(folder).keySet())
        .extracting(file -> Path.of(file.path()).getFileName().toString())
        .containsExactly("x.csv");
    // what may be data is refused if it cannot be read
    for (String header : List.of("1,2,3", "A;c;d", "B")) {
      Path other = write("more.txt", header + "\n");
      refused(folder, "more.txt lacks \"");
      Files.delete(other);
    }
    write("y.CSV.gz", "About these data\n");
    refused(folder, "y.CSV.gz\" cannot be read");
  }

  @Test
  void nothingIsLeftOutWhereNoFileIsNamedCsv() throws IOException {
    write("x.data", "a,b,y\n1,2,3\n");
    write("README.txt", "About these data\n");
    refused(folder, "README.txt lacks \"a\"");
  }

  @Test
  void aSourceOfEmptyFilesIsRefused() throws IOException {
    refused(write("x.csv", ""), "x.csv has no header: it is empty");
    refused(folder, "x.csv has no header: it is empty");
    write("y.csv", "");
    refused(folder, "has no readable file");
  }

  @Test
  void aHeaderInAnotherCaseIsNamed() throws IOException {
    refused(write("x.csv", "A,b,Y\n"), "lacks \"a\", \"y\"", "Upper and lower case count: correct");
  }

  @Test
  void aSeparatorBehindEachRowHasARuleOfItsOwn() throws IOException {
    RowChecker checker = new RowChecker(COLUMNS, layout(write("x.csv", "a,b,y\n")));
    for (String row : List.of("1,2,3,", "1,2,3, ", "1,2,3,\"\"")) {
      assertThat(check(checker, row, new double[3]))
          .extracting(Refusal::rule)
          .as(row)
          .isEqualTo("trailing-separator");
    }
    assertThat(check(checker, "1,2,3,,", new double[3]))
        .extracting(Refusal::rule)
        .isEqualTo("too-many-fields");
    // and a header that ends with one too gives the field a place
    RowChecker both = new RowChecker(COLUMNS, layout(write("y.csv", "a,b,y,\n")));
    assertThat(check(both, "1,2,3,", new double[3])).isNull();
  }

  @Test
  void aHeaderOfTheDescriptionIsTheNameInTheFile() throws IOException {
    List<ColumnDescription> columns =
        List.of(column("y"), named("solar", "Solar.R"), named("row", ""), named("b", "c"));
    // c is b in the table, and b of the file is none of its columns
    CsvLayout layout = CsvLayout.of("\"\",y,x.y,Solar.R,c", columns, "x.csv");
    assertThat(layout.positions()).containsExactly(1, 3, 0, 4);
    assertThat(layout.columnNames()).containsExactly("row", "y", "x.y", "solar", "b");
    assertThat(layout.extra()).containsExactly("x.y");
    for (String wrong : List.of(",y,solar,c", ",y,SOLAR.R,c")) {
      assertThatThrownBy(() -> CsvLayout.of(wrong, columns, "x.csv"))
          .hasMessageContaining("lacks \"Solar.R\". It reads [, y, ");
    }
    for (String twice : List.of(",y,Solar.R,c,Solar.R", ",y,Solar.R,c,solar.r", ",y,Solar.R,c,C")) {
      assertThatThrownBy(() -> CsvLayout.of(twice, columns, "x.csv"))
          .hasMessageContaining("2 times (upper and lower case count as one)");
    }
    // a field that is not described leaves the name to the one that is
    CsvLayout both = CsvLayout.of(",y,solar,Solar.R,c,B", columns, "x.csv");
    assertThat(both.positions()).containsExactly(1, 3, 0, 4);
    assertThat(both.columnNames()).containsExactly("row", "y", "_solar", "solar", "b", "_B");
    assertThat(both.extra()).containsExactly("_solar", "_B");
  }

  @Test
  void aLineOfSeparatorsIsARowWhereEveryValueMayBeMissing() {
    ColumnKind gap = new ColumnKind.Numeric(ColumnKind.Missing.MEAN, Indicator.NONE);
    assertThat(rows(gap, gap)).isEqualTo(2);
    assertThat(rows(gap, ColumnKind.NUMBER)).isEqualTo(1);
  }

  private static long rows(ColumnKind a, ColumnKind b) {
    List<ColumnDescription> columns =
        List.of(
            new ColumnDescription("a", "a", "", "", 0, 9, Map.of(), List.of(), a),
            new ColumnDescription("b", "b", "", "", 0, 9, Map.of(), List.of(), b));
    byte[] uri = "file:/x.csv".getBytes(StandardCharsets.UTF_8);
    LineChecker checker =
        new LineChecker(
            columns,
            List.of(CsvLayout.of("a,b", columns, "x.csv")),
            Map.of("file:/x.csv", 0),
            CheckedSource.Keep.VALUES);
    Iterable<CheckedRow> checked =
        () ->
            checker.call(
                Stream.of("a,b", "1,2", ",", "")
                    .map(line -> new Tuple3<>(line.getBytes(StandardCharsets.UTF_8), uri, 0L))
                    .iterator());
    return StreamSupport.stream(checked.spliterator(), false)
        .filter(row -> row.getKind() == CheckedRow.ACCEPTED)
        .count();
  }

  @Test
  void wordsForAMissingValueHaveARuleOfTheirOwn() throws IOException {
    List<ColumnDescription> columns =
        Stream.of("a", "b")
            .map(
                name ->
                    new ColumnDescription(
                        name,
                        name,
                        "",
                        "",
                        -1e9,
                        1e9,
                        Map.of(),
                        List.of("fehlt", "-999"),
                        ColumnKind.NUMBER))
            .toList();
    RowChecker checker = new RowChecker(columns, CsvLayout.of("a,b", columns, "x.csv"));
    double[] values = new double[2];
    for (String word :
        List.of("", "NA", "n/a", "#N/A", "<NA>", "null", "NULL", "None", "\\N", "?", ".", "-")) {
      assertThat(check(checker, "1, " + word + " ", values))
          .extracting(Refusal::rule)
          .as(word)
          .isEqualTo("b-missing");
    }
    for (String word : List.of("fehlt", "Fehlt", "-999", "\"-999\"", "-999.0", "-9.99e2")) {
      assertThat(check(checker, word + ",1", values))
          .extracting(Refusal::rule)
          .as(word)
          .isEqualTo("a-missing");
    }
    assertThat(check(checker, "NA,1", values))
        .extracting(Refusal::reason)
        .isEqualTo("a is \"NA\"; it stands for a missing value");
    assertThat(check(checker, "inf,1", values)).extracting(Refusal::rule).isEqualTo("a-not-finite");
    assertThat(check(checker, "nana,1", values))
        .extracting(Refusal::rule)
        .isEqualTo("a-not-a-number");
    assertThat(check(checker, "-999.5,999", values)).isNull();
    assertThat(values).containsExactly(-999.5, 999);
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static ColumnDescription column(String name) {
    return new ColumnDescription(name, "", Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  private static ColumnDescription named(String name, String header) {
    return new ColumnDescription(
        name, header, "", "", -1e9, 1e9, Map.of(), List.of(), ColumnKind.NUMBER);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static Map<CsvFile, CsvLayout> layouts(Path path) {
    return CsvSource.open("data.source", path.toString(), COLUMNS, new Configuration()).layouts();
  }

  private static CsvLayout layout(Path file) {
    return layouts(file).values().iterator().next();
  }

  private static void refused(Path path, String... parts) {
    assertThatThrownBy(() -> layouts(path))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContainingAll(parts);
  }

  private static @Nullable Refusal check(RowChecker checker, String row, double[] values) {
    byte[] bytes = row.getBytes(StandardCharsets.UTF_8);
    return checker.check(bytes, bytes.length, values, new String[0]);
  }
}
