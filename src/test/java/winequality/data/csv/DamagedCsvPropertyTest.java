package winequality.data.csv;

import static org.assertj.core.api.Assertions.assertThat;

import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap.Indicator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.Tuple3;
import testing.SparkTest;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.ColumnKind.Missing;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.ingest.CsvIngest;
import winequality.data.ingest.IngestedRows;
import winequality.data.ingest.IngestedTable;

/**
 * Random files with random damage: every line is either a row that was accepted, bit for bit, or in
 * the raw text of a row that was refused.
 */
class DamagedCsvPropertyTest {

  private static final DatasetDescription DATASET =
      new DatasetDescription(
          "d",
          List.of(
              new ColumnDescription("a", "", -1e9, 1e9),
              new ColumnDescription("b", "", Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY),
              new ColumnDescription("c", "", 0, Double.POSITIVE_INFINITY)),
          "c");

  private static final DatasetDescription KINDS =
      new DatasetDescription(
          "k",
          List.of(
              column("gap", new ColumnKind.Numeric(Missing.MEAN, Indicator.NONE)),
              column("cut", new ColumnKind.Category(List.of("Fair", "Very Good"), Unknown.BASE, 1)),
              column("none", new ColumnKind.Category(List.of("A", "B"), Unknown.QUARANTINE, 1)),
              column("found", new ColumnKind.Category(List.of(), Unknown.OTHER, 2)),
              column("y", ColumnKind.NUMBER)),
          "y");

  /** A row with quoted fields, which may have separators and line breaks, and others. */
  private static final Pattern FIELD =
      Pattern.compile("(\"(?:[^\"]|\"\")*\"|[^,\"][^,]*|)(,|$)", Pattern.DOTALL);

  private static final Pattern ROW =
      Pattern.compile(
          "(?:(?:\"(?:[^\"]|\"\")*\"|[^,\"][^,]*|),)*(?:\"(?:[^\"]|\"\")*\"|[^,\"][^,]*|)",
          Pattern.DOTALL);

  private static ColumnDescription column(String name, ColumnKind kind) {
    return new ColumnDescription(
        name,
        name,
        "",
        "",
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        Map.of(),
        List.of("-999"),
        kind);
  }

  /** A value in one of the ways in which programs write numbers. */
  private static Arbitrary<String> numbers(double min, double max) {
    Arbitrary<Double> values = Arbitraries.doubles().between(min, max).ofScale(6);
    return Arbitraries.oneOf(
        values.map(String::valueOf),
        values.map(value -> java.math.BigDecimal.valueOf(value).toPlainString()),
        Arbitraries.integers().between((int) Math.max(min, -999), 999).map(String::valueOf),
        values.map(value -> " \"" + value + "\"").map(String::strip));
  }

  private static Arbitrary<String> goodRows() {
    return Combinators.combine(numbers(-1e6, 1e6), numbers(-1e12, 1e12), numbers(0, 1e6))
        .as((a, b, c) -> a + "," + b + "," + c);
  }

  private static Arbitrary<String> goodKinds() {
    Arbitrary<String> missing = Arbitraries.of("", "NA", "n/a", " ? ", "\"\"", "-999");
    Arbitrary<String> texts =
        Arbitraries.of(
            "Fair", " Very Good", "\"Fair\"", "ä", "1.50", "\"a, \"\"b\"\"\"", "x\u2028y");
    return Combinators.combine(
            Arbitraries.oneOf(numbers(-1e6, 1e6), missing),
            Arbitraries.oneOf(texts, missing),
            Arbitraries.of("A", " B ", "\"A\""),
            Arbitraries.oneOf(texts, missing),
            numbers(-9, 9))
        .as((gap, cut, none, found, y) -> String.join(",", gap, cut, none, found, y));
  }

  private static Arbitrary<String> damaged(Arbitrary<String> good) {
    Arbitrary<String> bits =
        Arbitraries.of(
            "\"", "\"\"", ",", ";", " ", "\t", "x", "-", ".", "e", "é", "\0", "\u2028", "NaN",
            "1e999");
    return Combinators.combine(good, bits, Arbitraries.integers().between(0, 60))
        .as(
            (row, bit, where) -> {
              int place = where % (row.length() + 1);
              return row.substring(0, place) + bit + row.substring(place);
            });
  }

  @Provide
  Arbitrary<List<String>> files() {
    return files(goodRows());
  }

  @Provide
  Arbitrary<List<String>> filesOfKinds() {
    return files(goodKinds());
  }

  private static Arbitrary<List<String>> files(Arbitrary<String> good) {
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(6, good),
            net.jqwik.api.Tuple.of(3, damaged(good)),
            net.jqwik.api.Tuple.of(1, Arbitraries.of("", " ", "\r", "1,2", "\"", "a,b,c", ",,")))
        .map(line -> line.hashCode() % 5 == 0 && !line.endsWith("\r") ? line + "\r" : line)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 1000)
  void noLineIsLostAndNoRowIsChanged(@ForAll("files") List<String> lines) {
    everyRowIsAcceptedOrRefused(DATASET, lines);
  }

  @Property(tries = 1000)
  void norIsOneWithTextsAndGaps(@ForAll("filesOfKinds") List<String> lines) {
    everyRowIsAcceptedOrRefused(KINDS, lines);
  }

  private static void everyRowIsAcceptedOrRefused(DatasetDescription dataset, List<String> lines) {
    List<String> accepted = new ArrayList<>();
    List<Refusal.Placed> refused = new ArrayList<>();
    List<FileTally> tallies = new ArrayList<>();
    check(dataset, lines)
        .forEachRemaining(
            row -> {
              switch (row.getKind()) {
                case CheckedRow.ACCEPTED -> accepted.add(text(dataset, row));
                case CheckedRow.REFUSED ->
                    refused.add(Refusal.Placed.ofBytes(Objects.requireNonNull(row.getNote())));
                default -> tallies.add(FileTally.ofBytes(Objects.requireNonNull(row.getNote())));
              }
            });
    assertThat(tallies).hasSize(1);
    assertThat(tallies.get(0).accepted).isEqualTo(accepted.size());
    assertThat(tallies.get(0).quarantined()).isEqualTo(refused.size());
    long separators =
        accounted(
            dataset,
            lines,
            accepted,
            refused.stream()
                .map(row -> Map.entry(row.line, new String(row.raw, StandardCharsets.UTF_8)))
                .toList());
    assertThat(tallies.get(0).separatorLines).isEqualTo(separators);
  }

  /** Random files seldom have it. */
  @Example
  void lineBreakInsideTheQuotesOfANumber() {
    noLineIsLostAndNoRowIsChanged(List.of("\"", "1.5\",2,3", "4,5,\"6\r", "\"\r", "7,8,9"));
  }

  @Property(tries = 12)
  void neitherIsInTheTables(@ForAll("files") List<String> lines) throws IOException {
    tablesHaveEveryRow(DATASET, "1,2,3", lines);
  }

  @Property(tries = 6)
  void norAreTextsAndGapsInTheTables(@ForAll("filesOfKinds") List<String> lines)
      throws IOException {
    tablesHaveEveryRow(KINDS, "1,Fair,A,x,2", lines);
  }

  /**
   * @param sound a row that is in order, because a source without any is refused
   */
  private static void tablesHaveEveryRow(
      DatasetDescription dataset, String sound, List<String> lines) throws IOException {
    Path folder = Files.createTempDirectory(Path.of("target"), "damaged").toAbsolutePath();
    SparkSession spark = SparkTest.session();
    Path file = folder.resolve("d.csv");
    List<String> all = Stream.concat(Stream.of(sound), lines.stream()).toList();
    Files.writeString(file, header(dataset) + "\n" + String.join("\n", all));
    DataSettings settings =
        new DataSettings(
            file.toString(),
            IngestMode.REPLACE,
            folder.resolve("table").toString(),
            Optional.empty(),
            folder.resolve("quarantine").toString(),
            folder.resolve("files").toString(),
            Optional.empty(),
            1.0);
    IngestedRows rows =
        new CsvIngest(spark, dataset, settings, UUID.randomUUID().toString())
            .ingest(
                CsvSource.open(
                    file.toString(), dataset, spark.sparkContext().hadoopConfiguration()));
    IngestedTable ingested = rows.table();
    // the driver holds rows of so few bytes, and trains from them
    assertThat(rows.rows().orElseThrow().collectAsList())
        .containsExactlyInAnyOrderElementsOf(ingested.accepted().read(spark).collectAsList());
    List<String> accepted =
        ingested.accepted().read(spark).coalesce(1).collectAsList().stream()
            .map(row -> row.mkString("|"))
            .toList();
    List<Row> refused =
        ingested.quarantine().map(table -> table.read(spark).collectAsList()).orElse(List.of());
    assertThat(accepted).hasSize((int) ingested.counts().orElseThrow().accepted());
    assertThat(refused).hasSize((int) ingested.counts().orElseThrow().quarantined());
    accounted(
        dataset,
        all,
        accepted,
        refused.stream()
            .map(row -> Map.entry(row.<Long>getAs("line"), row.<String>getAs("raw")))
            .toList());
    delete(folder);
  }

  /**
   * Walks through the file: each line is a refused row's, blank, of separators only, or the next
   * accepted row. Returns the number of those of separators.
   */
  private static long accounted(
      DatasetDescription dataset,
      List<String> lines,
      List<String> accepted,
      List<Map.Entry<Long, String>> refused) {
    List<Map.Entry<Long, String>> inOrder =
        refused.stream().sorted(Map.Entry.comparingByKey()).toList();
    int nextAccepted = 0;
    int nextRefused = 0;
    long separators = 0;
    for (int i = 0; i < lines.size(); ) {
      // the header is line 1
      if (nextRefused < inOrder.size() && inOrder.get(nextRefused).getKey() == i + 2) {
        String raw = inOrder.get(nextRefused++).getValue();
        int height = raw.split("\n", -1).length;
        assertThat(withoutReturn(raw))
            .isEqualTo(withoutReturn(String.join("\n", lines.subList(i, i + height))));
        i += height;
      } else if (lines.get(i).isBlank()) {
        i++;
      } else if (lines.get(i).replace(",", "").isBlank()) {
        separators++;
        i++;
      } else {
        // a line break within quotes belongs to the row, which continues to the closing quote
        int height = 1;
        String row = withoutReturn(lines.get(i));
        while (!ROW.matcher(row).matches() && i + height < lines.size()) {
          height++;
          row = withoutReturn(String.join("\n", lines.subList(i, i + height)));
        }
        assertThat(accepted.get(nextAccepted++)).as(row).isEqualTo(expected(dataset, row));
        i += height;
      }
    }
    assertThat(nextAccepted).isEqualTo(accepted.size());
    assertThat(nextRefused).isEqualTo(inOrder.size());
    return separators;
  }

  /** What the table has of a row, written like Spark's rows. */
  private static String expected(DatasetDescription dataset, String row) {
    Matcher fields = FIELD.matcher(row);
    List<String> cells = new ArrayList<>();
    for (ColumnDescription column : dataset.columns()) {
      assertThat(fields.find()).as(row).isTrue();
      String field = fields.group(1);
      String text =
          (field.startsWith("\"")
                  ? field.substring(1, field.length() - 1).replace("\"\"", "\"")
                  : field)
              .strip();
      String cell =
          column.isCategory() || column.isMissing(text)
              ? text
              : String.valueOf(Double.parseDouble(text));
      boolean missing =
          column.isMissing(text)
              || (column.equals(KINDS.columns().get(0)) && cell.equals("-999.0"));
      cells.add(missing ? "null" : cell);
    }
    return String.join("|", cells);
  }

  private static String text(DatasetDescription dataset, CheckedRow row) {
    double[] values = Objects.requireNonNull(row.getValues());
    List<String> cells = new ArrayList<>();
    int texts = 0;
    for (int i = 0; i < values.length; i++) {
      cells.add(
          dataset.columns().get(i).isCategory()
              ? String.valueOf(Objects.requireNonNull(row.getTexts())[texts++])
              : Double.isNaN(values[i]) ? "null" : String.valueOf(values[i]));
    }
    return String.join("|", cells);
  }

  private static String header(DatasetDescription dataset) {
    return String.join(",", dataset.columns().stream().map(ColumnDescription::name).toList());
  }

  private static String withoutReturn(String text) {
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private static java.util.Iterator<CheckedRow> check(
      DatasetDescription dataset, List<String> lines) {
    byte[] uri = "file:/d.csv".getBytes(StandardCharsets.UTF_8);
    return new LineChecker(
            dataset.columns(),
            List.of(CsvLayout.of(header(dataset), dataset.columns(), "d.csv")),
            Map.of("file:/d.csv", 0),
            CheckedSource.Keep.VALUES)
        .call(
            Stream.concat(Stream.of(header(dataset)), lines.stream())
                .map(line -> new Tuple3<>(line.getBytes(StandardCharsets.UTF_8), uri, 0L))
                .iterator());
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
