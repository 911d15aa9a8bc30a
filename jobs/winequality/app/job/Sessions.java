package winequality.app.job;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The Spark session of a job. */
public final class Sessions {

  /** What Delta needs; on Databricks it is there, under other names. */
  private static final Map<String, String> DELTA =
      Map.of(
          "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension",
          "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");

  private Sessions() {}

  /**
   * The session that is there, or a new one with Delta; what spark-submit was told stays as it is.
   */
  static SparkSession open(Platform platform, String appName) {
    SparkSession.Builder builder = SparkSession.builder();
    if (platform == Platform.SPARK_SUBMIT) {
      SparkConf told = new SparkConf();
      builder.appName(told.get("spark.app.name", appName));
      DELTA.forEach(
          (key, value) -> {
            if (!told.contains(key)) {
              builder.config(key, value);
            }
          });
    }
    return builder.getOrCreate();
  }

  /**
   * A session beside the one that is there, with the same context and catalog, and with settings of
   * its own that nobody else sees.
   */
  public static SparkSession beside(SparkSession spark, Map<String, String> settings) {
    SparkSession own = spark.newSession();
    settings.forEach(own.conf()::set);
    return own;
  }
}
