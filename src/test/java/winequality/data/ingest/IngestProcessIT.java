package winequality.data.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static winequality.data.WineFiles.GOOD;
import static winequality.data.WineFiles.HEADER;

import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.SparkTest;
import winequality.data.WineFiles;

/** What only a separate process shows: sudden death, missing rights, failing writes. */
class IngestProcessIT extends SparkTest {

  private static final int FILES = 20;
  private static final int KILLS = 10;

  @TempDir Path folder;
  private Path source = Path.of("unset");

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
  }

  /**
   * Two of the twenty files are added before each kill, so that kills happen before, during and
   * after ten commits. {@code target/appends-killed.txt} lists where they happened.
   */
  @Test
  void anAppendThatIsKilledTenTimesEndsInTheTablesOfOneThatIsNot() throws Exception {
    Path straight = Files.createDirectory(folder.resolve("straight"));
    Path killed = Files.createDirectory(folder.resolve("killed"));
    writeFile(0);
    writeFile(1);
    long took = run(straight);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> moments = new ArrayList<>();
    for (int kill = 0; kill < KILLS; kill++) {
      writeFile(2 * kill);
      writeFile(2 * kill + 1);
      Process process = IngestProcess.start(List.of(), "APPEND", source, killed);
      awaitReady(process, killed);
      long moment = random.nextLong(took);
      boolean ended = process.waitFor(moment, TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      moments.add(
          "%s ms%s: %d rows"
              .formatted(moment, ended ? ", ended before" : "", count(killed, "table")));
    }
    Files.writeString(
        Path.of("target", "appends-killed.txt"),
        "seed %d, of %d ms: %s%n".formatted(seed, took, moments));
    run(killed);
    run(straight);

    assertThat(rows(killed, "table")).isEqualTo(rows(straight, "table")).hasSize(FILES * 200);
    assertThat(rows(killed, "quarantine")).isEqualTo(rows(straight, "quarantine")).hasSize(FILES);
  }

  @Test
  void aFileWithoutTheRightToReadItIsRefused() throws Exception {
    Path tables = Files.createDirectory(folder.resolve("tables"));
    Path file = WineFiles.write(source.resolve("wines.csv"), HEADER, GOOD);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    Process process = IngestProcess.start(withoutPower(), "REPLACE", source, tables);
    assertThat(process.waitFor()).isEqualTo(3);
    assertThat(log(tables))
        .contains("REFUSED data.source")
        .contains("cannot be read")
        .contains("Permission denied")
        .contains("Check the path and the rights on it.");
    assertThat(tables.resolve("table")).doesNotExist();
  }

  @Test
  void aWriteThatFailsLeavesTheTableAsItWas() throws Exception {
    Path tables = Files.createDirectory(folder.resolve("tables"));
    WineFiles.write(source.resolve("a.csv"), HEADER, GOOD);
    run(tables);
    // values of which no two are equal, so that Parquet cannot make them small
    Random random = new Random(1);
    List<String> lines = new ArrayList<>(List.of(HEADER));
    for (int i = 0; i < 30_000; i++) {
      lines.add(
          "%s,%s,%s,%s,0.076,11,34,0.9978,3.51,0.56,9.4,5"
              .formatted(
                  random.nextDouble(),
                  random.nextDouble(),
                  random.nextDouble(),
                  random.nextDouble()));
    }
    WineFiles.write(source.resolve("b.csv"), lines);
    // the system fails a write beyond 600 kB with an error, as a full disk does
    Process process =
        IngestProcess.start(
            List.of("bash", "-c", "ulimit -f 600; trap '' XFSZ; exec \"$@\"", "-"),
            "APPEND",
            source,
            tables);
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(log(tables)).contains("FAILED ").contains("File too large");
    assertThat(rows(tables, "table")).hasSize(1);
    run(tables);
    assertThat(rows(tables, "table")).hasSize(30_001);
  }

  @Test
  void aTableThatMayNotBeWrittenStaysAsItWasAndTheMessageSaysSo() throws Exception {
    Path tables = Files.createDirectory(folder.resolve("tables"));
    writeFile(0);
    run(tables);
    writeFile(1);
    Path table = tables.resolve("table");
    Files.setPosixFilePermissions(table, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      Process process = IngestProcess.start(withoutPower(), "APPEND", source, tables);
      assertThat(process.waitFor()).isEqualTo(1);
    } finally {
      Files.setPosixFilePermissions(table, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    assertThat(log(tables))
        .contains("FAILED The rows could not be written into file:" + table)
        .contains(
            "Nothing was committed, so the table is unchanged. Free disk space or correct the rights");
    assertThat(rows(tables, "table")).hasSize(200);
    run(tables);
    assertThat(rows(tables, "table")).hasSize(400);
  }

  /** Root may read and write everything unless it gives that power away. */
  private static List<String> withoutPower() {
    return "root".equals(System.getProperty("user.name"))
        ? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
        : List.of();
  }

  /** Runs an append to its end; how long the ingest took, in milliseconds. */
  private long run(Path tables) throws Exception {
    Process process = IngestProcess.start(List.of(), "APPEND", source, tables);
    awaitReady(process, tables);
    long start = System.nanoTime();
    assertThat(process.waitFor()).as(log(tables)).isZero();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private static void awaitReady(Process process, Path tables) throws Exception {
    while (!log(tables).contains(IngestProcess.READY)) {
      assertThat(process.isAlive()).as(log(tables)).isTrue();
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private long count(Path tables, String table) {
    Path path = tables.resolve(table);
    return DeltaTable.isDeltaTable(spark(), path.toString()) ? rows(tables, table).size() : 0;
  }

  private void writeFile(int number) {
    List<String> lines = new ArrayList<>(List.of(HEADER));
    for (int i = 0; i < 200; i++) {
      lines.add(GOOD.replaceFirst("7.4", number + "." + (1000 + i)));
    }
    lines.add("bad in " + number);
    WineFiles.write(source.resolve("wines-" + number + ".csv"), lines);
  }

  private List<String> rows(Path tables, String table) {
    return spark()
        .read()
        .format("delta")
        .load(tables.resolve(table).toString())
        .collectAsList()
        .stream()
        .map(row -> row.mkString("|"))
        .sorted()
        .toList();
  }

  private static String log(Path tables) throws IOException {
    try (Stream<Path> logs = Files.list(tables)) {
      Path last =
          logs.filter(path -> path.getFileName().toString().startsWith("log-"))
              .max(Comparator.comparing(path -> path.toFile().lastModified()))
              .orElseThrow();
      return Files.readString(last);
    }
  }
}
