package winequality.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.data.ColumnDescription;
import winequality.data.CsvIngest;
import winequality.data.CsvSource;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.IngestedTable;
import winequality.data.TableProfiler;

/**
 * Times the ingest beside Spark's plain way from CSV to Delta, in turns in one process, under
 * spark-submit: {@code PARQUET FOLDER}. The CSV files are made from the Parquet files first.
 */
public final class IngestPeer {
  private static final int TURNS = 4;

  private final SparkSession spark;
  private final DatasetDescription wine;
  private final Path csv;
  private final Path folder;

  private IngestPeer(SparkSession spark, Path csv, Path folder) {
    this.spark = spark;
    this.csv = csv;
    this.folder = folder;
    this.wine =
        new SettingsLoader()
            .load(new SettingsSource(Optional.empty(), List.of(), Map.of()))
            .dataset();
  }

  public static void main(String[] arguments) throws Exception {
    SparkSession spark = SparkSession.builder().appName("bench ingest").getOrCreate();
    try {
      Path folder = Path.of(arguments[1]);
      Path csv = folder.resolve("csv");
      if (!Files.exists(csv.resolve("_SUCCESS"))) {
        spark
            .read()
            .parquet(arguments[0])
            .write()
            .mode("overwrite")
            .option("header", true)
            .csv(csv.toString());
      }
      new IngestPeer(spark, csv, folder).run();
    } finally {
      spark.stop();
    }
  }

  private interface Turn {
    long rows(Path tables) throws Exception;
  }

  private void run() throws Exception {
    List<Double> plain = new ArrayList<>();
    List<Double> ours = new ArrayList<>();
    List<Double> withProfile = new ArrayList<>();
    long rows = 0;
    for (int turn = 0; turn <= TURNS; turn++) {
      // the first turn warms up
      rows = timed("plain", turn, plain, this::plain);
      timed("ingest", turn, ours, this::ingest);
      timed("ingest and profile", turn, withProfile, this::ingestAndProfile);
    }
    double base = median(plain);
    System.out.printf(
        Locale.ROOT,
        "%n| %,d rows | seconds, median of %d | rows/s | times plain |%n|---|---:|---:|---:|%n",
        rows,
        TURNS);
    for (var line :
        List.of(
            Map.entry("`spark.read.schema(…).csv(…).write.format(\"delta\")`", plain),
            Map.entry("**this ingest**: checked, quarantined, fingerprinted", ours),
            Map.entry("this ingest and the profile of the table", withProfile))) {
      double seconds = median(line.getValue());
      System.out.printf(
          Locale.ROOT,
          "| %s | %.2f | %,.0f | %.2f |%n",
          line.getKey(),
          seconds,
          rows / seconds,
          seconds / base);
    }
  }

  private long timed(String name, int turn, List<Double> times, Turn work) throws Exception {
    Path tables = Files.createTempDirectory(folder, "tables");
    System.gc();
    List<MemoryPoolMXBean> heap =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();
    heap.forEach(MemoryPoolMXBean::resetPeakUsage);
    long start = System.nanoTime();
    long rows = work.rows(tables);
    double seconds = (System.nanoTime() - start) / 1e9;
    long peak = heap.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
    System.err.printf(
        Locale.ROOT, "%s, turn %d: %.2f s, heap at most %d MiB%n", name, turn, seconds, peak >> 20);
    if (turn > 0) {
      times.add(seconds);
    }
    delete(tables);
    return rows;
  }

  private long plain(Path tables) {
    StructType schema = new StructType();
    for (ColumnDescription column : wine.columns()) {
      schema = schema.add(column.name(), DataTypes.DoubleType);
    }
    String table = tables.resolve("plain").toString();
    spark
        .read()
        .schema(schema)
        .option("header", true)
        .csv(csv.toString())
        .write()
        .format("delta")
        .option("delta.columnMapping.mode", "name")
        .save(table);
    return spark.read().format("delta").load(table).count();
  }

  private long ingest(Path tables) {
    return take(tables).counts().orElseThrow().accepted();
  }

  private long ingestAndProfile(Path tables) {
    return new TableProfiler(wine).profile(take(tables).accepted().read(spark)).rows();
  }

  private IngestedTable take(Path tables) {
    DataSettings settings =
        new DataSettings(
            csv.toString(),
            IngestMode.REPLACE,
            tables.resolve("table").toString(),
            Optional.empty(),
            tables.resolve("quarantine").toString(),
            tables.resolve("files").toString(),
            Optional.empty(),
            0.0);
    return new CsvIngest(spark, wine, settings, UUID.randomUUID().toString())
        .ingest(
            CsvSource.open(settings.source(), wine, spark.sparkContext().hadoopConfiguration()));
  }

  private static double median(List<Double> times) {
    List<Double> sorted = times.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
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
