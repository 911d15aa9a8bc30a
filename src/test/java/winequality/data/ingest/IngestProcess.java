package winequality.data.ingest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.WineFiles;
import winequality.data.csv.CsvSource;

/** An ingest in a separate process, which a test can kill, starve or deprive of rights. */
public final class IngestProcess {

  /** What it prints when Spark is up and the ingest begins. */
  static final String READY = "READY";

  private IngestProcess() {}

  /**
   * Takes a source in; exits with 0, 3 if it is refused, 1 if something fails.
   *
   * @param arguments mode, source, and the folder of the tables
   */
  public static void main(String[] arguments) {
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.databricks.delta.snapshotPartitions", 1)
            .config("spark.sql.shuffle.partitions", 2)
            .config("spark.sql.codegen.wholeStage", false)
            .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.sql.warehouse.dir", arguments[2] + "/warehouse")
            .getOrCreate();
    int code = 0;
    try {
      DataSettings settings = settings(arguments[0], arguments[1], Path.of(arguments[2]));
      DatasetDescription wine = WineFiles.description();
      // what is measured and killed begins here, not at Spark's start
      System.out.println(READY);
      IngestedTable table =
          new CsvIngest(spark, wine, settings, String.valueOf(ProcessHandle.current().pid()))
              .ingest(
                  CsvSource.open(
                      settings.source(), wine, spark.sparkContext().hadoopConfiguration()))
              .table();
      System.out.println("DONE " + table);
    } catch (DataRefusedException e) {
      System.out.println("REFUSED " + e.getMessage());
      code = 3;
    } catch (RuntimeException e) {
      System.out.println("FAILED " + e.getMessage());
      code = 1;
    }
    spark.stop();
    System.exit(code);
  }

  static DataSettings settings(String mode, String source, Path tables) {
    return new DataSettings(
        source,
        IngestMode.valueOf(mode),
        tables.resolve("table").toString(),
        Optional.empty(),
        tables.resolve("quarantine").toString(),
        tables.resolve("files").toString(),
        Optional.empty(),
        0.5);
  }

  /**
   * Starts one.
   *
   * @param before the beginning of the command, such as a program that takes rights away
   */
  static Process start(List<String> before, String mode, Path source, Path tables)
      throws java.io.IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // what Spark needs of the JVM, as this one has it
    java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(
            argument ->
                argument.startsWith("--add-")
                    || argument.startsWith("-Djdk")
                    || argument.startsWith("-Dio.netty"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx1g",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=" + tables,
            "-cp",
            System.getProperty("java.class.path"),
            IngestProcess.class.getName(),
            mode,
            source.toString(),
            tables.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(tables.resolve("log-" + java.util.UUID.randomUUID() + ".txt").toFile())
        .start();
  }
}
