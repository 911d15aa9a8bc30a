package winequality.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.data.ColumnDescription;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.csv.CsvSource;
import winequality.data.ingest.CsvIngest;
import winequality.data.ingest.IngestedTable;
import winequality.data.profile.TableProfiler;

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

  private void run() throws Exception {
    TableTurns plain =
        new TableTurns(
            "`spark.read.schema(…).csv(…).write.format(\"delta\")`", folder, this::plain);
    TableTurns ours =
        new TableTurns(
            "**this ingest**: checked, quarantined, fingerprinted", folder, this::ingest);
    TableTurns withProfile =
        new TableTurns("this ingest and the profile of the table", folder, this::ingestAndProfile);
    List<TableTurns> all = List.of(plain, ours, withProfile);
    for (int turn = 0; turn <= TURNS; turn++) {
      for (TableTurns one : all) {
        one.take(turn);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%n| %,d rows | seconds, median of %d | rows/s | times plain |%n|---|---:|---:|---:|%n",
        plain.rows(),
        TURNS);
    for (TableTurns one : all) {
      System.out.printf(
          Locale.ROOT,
          "| %s | %.2f | %,.0f | %.2f |%n",
          one.name(),
          one.median(),
          one.rows() / one.median(),
          one.median() / plain.median());
    }
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
}
