package winequality.app.job;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The Spark session of a job. */
public final class Sessions {

  /** What Delta needs. On Databricks it is set up already, under other names. */
  private static final Map<String, String> DELTA =
      Map.of(
          "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension",
          "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");

  private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";

  private Sessions() {}

  /** Whether this is a Databricks cluster, which owns the session and the JVM. */
  static boolean onDatabricks(Map<String, String> environment) {
    // every Databricks runtime sets this variable
    return environment.containsKey("DATABRICKS_RUNTIME_VERSION");
  }

  /** Takes the running session, or opens one with Delta. Settings given to spark-submit win. */
  static SparkSession open(Map<String, String> environment, String appName) {
    SparkSession.Builder builder = SparkSession.builder();
    if (!onDatabricks(environment)) {
      SparkConf given = new SparkConf();
      builder.appName(given.get("spark.app.name", appName));
      // the last option wins: tasks name data files and format numbers as the driver does
      builder.config(
          EXECUTOR_OPTIONS, given.get(EXECUTOR_OPTIONS, "") + " -Duser.language.format=en");
      DELTA.forEach(
          (key, value) -> {
            if (!given.contains(key)) {
              builder.config(key, value);
            }
          });
    }
    return builder.getOrCreate();
  }

  /** Opens another session with the same context and catalog, and settings of its own. */
  public static SparkSession withSettings(SparkSession spark, Map<String, String> settings) {
    SparkSession own = spark.newSession();
    settings.forEach(own.conf()::set);
    return own;
  }
}
