package winequality.bench;

import elasticnet.encoding.RegressionColumns;
import elasticnet.split.FoldAssigner;
import elasticnet.split.FoldSettings;
import elasticnet.statistics.FoldedStatisticsCollector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Times what a training reads from a Delta table that is laid out in three ways, in turns in one
 * process, under spark-submit: {@code PARQUET FOLDER}. Making each table is timed too, once.
 */
public final class ClusteringPeer {
  private static final int TURNS = 9;
  private static final String LABEL = "quality";

  private final SparkSession spark;
  private final Dataset<Row> rows;
  private final Path folder;

  private ClusteringPeer(SparkSession spark, Dataset<Row> rows, Path folder) {
    this.spark = spark;
    this.rows = rows;
    this.folder = folder;
  }

  /** A table laid out in one way, and how long reading it took. */
  private final class Layout {
    private final String name;
    private final String table;
    private final double making;
    private final List<Double> reading = new ArrayList<>();

    Layout(String name, String file, String clause, boolean optimize) {
      this.name = name;
      this.table = "delta.`" + folder.resolve(file) + "`";
      long start = System.nanoTime();
      rows.createOrReplaceTempView("source");
      spark.sql(
          "CREATE TABLE %s USING delta %s TBLPROPERTIES ('delta.columnMapping.mode' = 'name') AS SELECT * FROM source"
              .formatted(table, clause));
      if (optimize) {
        spark.sql("OPTIMIZE " + table).collect();
      }
      this.making = (System.nanoTime() - start) / 1e9;
    }

    /** The one pass over all columns from which a fit and all folds follow. */
    void read() {
      Dataset<Row> read = spark.table(table);
      List<String> features =
          Arrays.stream(read.columns()).filter(column -> !column.equals(LABEL)).toList();
      long start = System.nanoTime();
      long found =
          new FoldedStatisticsCollector()
              .collect(
                  read,
                  RegressionColumns.ofNumbers(features, LABEL),
                  new FoldAssigner(new FoldSettings(5, List.of(42L))).assign(features))
              .total()
              .rows();
      reading.add((System.nanoTime() - start) / 1e9);
      if (found != rows.count()) {
        throw new IllegalStateException(name + " has " + found + " rows");
      }
    }

    void print() {
      Row detail = spark.sql("DESCRIBE DETAIL " + table).select("numFiles", "sizeInBytes").first();
      List<Double> sorted = reading.stream().skip(1).sorted().toList();
      System.out.printf(
          Locale.ROOT,
          "| %s | %.1f | %d | %d | %.3f (%.3f to %.3f) |%n",
          name,
          making,
          detail.getLong(0),
          detail.getLong(1) >> 20,
          sorted.get(sorted.size() / 2),
          sorted.get(0),
          sorted.get(sorted.size() - 1));
    }
  }

  public static void main(String[] arguments) throws Exception {
    SparkSession spark = SparkSession.builder().appName("bench clustering").getOrCreate();
    Path folder = Files.createTempDirectory(Path.of(arguments[1]), "clustering");
    try {
      new ClusteringPeer(spark, spark.read().parquet(arguments[0]), folder).run();
    } finally {
      TableTurns.delete(folder);
      spark.stop();
    }
  }

  private void run() {
    new Layout("warm-up", "warm-up", "", true).read();
    List<Layout> layouts =
        List.of(
            new Layout("as the ingest lays it out", "plain", "", false),
            new Layout("the same and OPTIMIZE", "optimized", "", true),
            new Layout(
                "CLUSTER BY alcohol, volatile acidity, and OPTIMIZE",
                "clustered",
                "CLUSTER BY (`alcohol`, `volatile acidity`)",
                true));
    // the first turn warms up and is not counted
    for (int turn = 0; turn <= TURNS; turn++) {
      layouts.forEach(Layout::read);
    }
    System.out.printf(
        Locale.ROOT,
        "%n| %,d rows | seconds to make | files | MiB | seconds of the training's pass, median of %d |%n|---|---:|---:|---:|---:|%n",
        rows.count(),
        TURNS);
    layouts.forEach(Layout::print);
  }
}
