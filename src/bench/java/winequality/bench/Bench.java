package winequality.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Runs contestants on Spark, under spark-submit: {@code CONTESTANT FOLDER}. The folder is that of
 * one number of rows; {@code ingest}, {@code score} and {@code clustering} are all contestants of a
 * comparison, in turns.
 */
public final class Bench {
  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    String name = arguments[0];
    Path folder = Path.of(arguments[1]);
    SparkSession spark = SparkSession.builder().appName("bench " + name).getOrCreate();
    Path tables = Files.createTempDirectory(folder, "tables");
    try {
      Dataset<Row> rows = spark.read().parquet(folder.resolve("parquet").toString());
      Turns turns = new Turns(folder.getFileName().toString(), () -> empty(tables));
      switch (name) {
        case "ingest" -> new Ingest(spark, csv(rows, folder), tables).run(turns);
        case "score" -> new Score(spark, delta(rows, folder), tables).run(turns);
        case "clustering" -> new Clustering(spark, rows, tables).run(folder);
        default -> new Tuning(rows).run(name, turns);
      }
    } finally {
      empty(tables);
      Files.delete(tables);
      spark.stop();
    }
  }

  private static String csv(Dataset<Row> rows, Path folder) {
    Path csv = folder.resolve("csv");
    if (!Files.exists(csv.resolve("_SUCCESS"))) {
      rows.write().mode("overwrite").option("header", true).csv(csv.toString());
    }
    return csv.toString();
  }

  private static String delta(Dataset<Row> rows, Path folder) {
    Path table = folder.resolve("delta");
    if (!Files.exists(table.resolve("_delta_log"))) {
      write(rows, table);
    }
    return table.toString();
  }

  /** The plain way, with names of columns that have spaces. */
  static void write(Dataset<Row> rows, Path table) {
    rows.write().format("delta").option("delta.columnMapping.mode", "name").save(table.toString());
  }

  private static boolean empty(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.skip(1).sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    return true;
  }
}
