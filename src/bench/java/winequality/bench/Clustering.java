package winequality.bench;

import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The tuner's pass over a Delta table that is laid out in three ways. Making each is timed once.
 */
final class Clustering {
  private final SparkSession spark;
  private final Dataset<Row> rows;
  private final Path tables;

  Clustering(SparkSession spark, Dataset<Row> rows, Path tables) {
    this.spark = spark;
    this.rows = rows;
    this.tables = tables;
  }

  void run(Path folder) throws Exception {
    Turns turns = new Turns(folder.getFileName().toString(), () -> true); // keeps the tables
    rows.createOrReplaceTempView("source");
    make(turns, "warm-up", "", true);
    turns.take(
        make(turns, "plain", "", false),
        make(turns, "optimized", "", true),
        make(turns, "clustered", "CLUSTER BY (`alcohol`, `volatile acidity`)", true));
  }

  private Turns.Contestant make(Turns turns, String name, String clause, boolean optimize)
      throws Exception {
    String table = "delta.`" + tables.resolve(name) + "`";
    long start = System.nanoTime();
    spark.sql(
        "CREATE TABLE %s USING delta %s TBLPROPERTIES ('delta.columnMapping.mode' = 'name') AS SELECT * FROM source"
            .formatted(table, clause));
    if (optimize) {
      spark.sql("OPTIMIZE " + table).collect();
    }
    if (!name.equals("warm-up")) {
      turns.write(name, "s to make", (System.nanoTime() - start) / 1e9, "");
      Row detail = spark.sql("DESCRIBE DETAIL " + table).select("numFiles", "sizeInBytes").first();
      turns.write(name, "files", detail.getLong(0), "");
      turns.write(name, "MiB", detail.getLong(1) >> 20, "");
    }
    return new Turns.Contestant(name, () -> Tuning.pass(spark.table(table)));
  }
}
