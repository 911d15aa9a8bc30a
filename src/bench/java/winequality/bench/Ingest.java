package winequality.bench;

import java.nio.file.Path;
import java.util.List;
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

/** The ingest beside Spark's plain way from CSV to Delta. */
final class Ingest {
  private final SparkSession spark;
  private final DatasetDescription wine =
      new SettingsLoader()
          .load(new SettingsSource(Optional.empty(), List.of(), Map.of()))
          .dataset();
  private final String csv;
  private final Path tables;

  Ingest(SparkSession spark, String csv, Path tables) {
    this.spark = spark;
    this.csv = csv;
    this.tables = tables;
  }

  void run(Turns turns) throws Exception {
    turns.take(
        new Turns.Contestant("plain", this::plain),
        new Turns.Contestant("ingest", () -> take().counts().orElseThrow().accepted() + " rows"),
        new Turns.Contestant("ingest-profile", this::ingestAndProfile));
  }

  private String plain() {
    StructType schema = new StructType();
    for (ColumnDescription column : wine.columns()) {
      schema = schema.add(column.name(), DataTypes.DoubleType);
    }
    Path table = tables.resolve("plain");
    Bench.write(spark.read().schema(schema).option("header", true).csv(csv), table);
    return spark.read().format("delta").load(table.toString()).count() + " rows";
  }

  private String ingestAndProfile() {
    return new TableProfiler(wine).profile(take().accepted().read(spark)).rows() + " rows";
  }

  private IngestedTable take() {
    DataSettings settings =
        new DataSettings(
            csv,
            IngestMode.REPLACE,
            tables.resolve("table").toString(),
            Optional.empty(),
            tables.resolve("quarantine").toString(),
            tables.resolve("files").toString(),
            Optional.empty(),
            0.0);
    return new CsvIngest(spark, wine, settings, UUID.randomUUID().toString())
        .ingest(CsvSource.open(csv, wine, spark.sparkContext().hadoopConfiguration()))
        .table();
  }
}
