package winequality.data.csv;

import static org.assertj.core.api.Assertions.assertThat;

import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap.Indicator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.apache.hadoop.conf.Configuration;
import scala.Tuple3;
import testing.Mutations;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.ColumnKind.Missing;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;

/** Any file is refused, or each of its rows is accepted or refused, and the tally counts them. */
class CsvFuzzTest {

  private static final DatasetDescription DATASET =
      new DatasetDescription(
          "d",
          List.of(
              column("a", new ColumnKind.Numeric(Missing.MEAN, Indicator.NONE)),
              column("b", new ColumnKind.Numeric(Missing.MEAN, Indicator.NONE)),
              column("cut", new ColumnKind.Category(List.of("Fair", "Ideal"), Unknown.BASE, 1)),
              column("y", ColumnKind.NUMBER),
              column("w", new ColumnKind.Weight())),
          "y");

  private static final Configuration HADOOP = new Configuration();
  private static final Path FILE = newFile();

  private static ColumnDescription column(String name, ColumnKind kind) {
    double least = kind instanceof ColumnKind.Weight ? 0 : Double.NEGATIVE_INFINITY;
    return new ColumnDescription(
        name, name, "", "", least, Double.POSITIVE_INFINITY, Map.of(), List.of("-999"), kind);
  }

  private static Path newFile() {
    try {
      return Files.createTempFile("fuzz", ".csv");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @AfterContainer
  static void delete() throws IOException {
    Files.delete(FILE);
  }

  @Provide
  Arbitrary<byte[]> files() {
    return Mutations.of(
        Mutations.corpus("csv"),
        List.of(
            "\"",
            "\"\"",
            ",",
            ";",
            "\t",
            "|",
            "\n",
            "\r",
            "\r\n",
            "\uFEFF",
            "\0",
            "1e308",
            "-0",
            "NaN",
            "Infinity",
            "1e-400",
            "0x1p3",
            "1_0",
            "\u00a0",
            "\u2028",
            "ä",
            "-999",
            "y,",
            "PAR1",
            "PK\u0003\u0004",
            "a,b,cut,y,w\n",
            "99999999999999999999.5",
            "1d",
            "\\N"));
  }

  @Example
  void theCorpus() throws IOException {
    for (byte[] file : Mutations.corpus("csv")) {
      read(file);
    }
  }

  @Property(seed = "18")
  void anyFile(@ForAll("files") byte[] file) throws IOException {
    read(file);
  }

  private static void read(byte[] file) throws IOException {
    Files.write(FILE, file);
    List<CsvLayout> layouts;
    String path;
    try {
      CsvSource source = CsvSource.open(FILE.toString(), DATASET, HADOOP);
      layouts = List.copyOf(source.layouts().values());
      path = source.files().get(0).path();
    } catch (DataRefusedException e) {
      assertThat(e).hasMessageMatching("(?s).{20,}");
      return;
    }
    long rows = 0;
    long counted = 0;
    Iterator<CheckedRow> checked =
        new LineChecker(DATASET.columns(), layouts, Map.of(path, 0), CheckedSource.Keep.TEXT)
            .call(lines(file, path));
    while (checked.hasNext()) {
      CheckedRow row = checked.next();
      if (row.getKind() == CheckedRow.TALLY) {
        FileTally tally = FileTally.ofBytes(java.util.Objects.requireNonNull(row.getNote()));
        counted += tally.accepted + tally.refused.values().stream().mapToLong(n -> n).sum();
      } else {
        rows++;
      }
    }
    assertThat(rows).isEqualTo(counted);
  }

  /** As Spark splits a file. */
  private static Iterator<Tuple3<byte[], byte[], Long>> lines(byte[] file, String path) {
    byte[] uri = path.getBytes(StandardCharsets.UTF_8);
    List<Tuple3<byte[], byte[], Long>> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= file.length; i++) {
      if (i == file.length ? start < i : file[i] == '\n') {
        lines.add(new Tuple3<>(java.util.Arrays.copyOfRange(file, start, i), uri, 0L));
        start = i + 1;
      }
    }
    return lines.iterator();
  }
}
