package winequality.app.job;

import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;
import winequality.data.SmallData;

/** The Spark session of a job. */
public final class Sessions {

  /** What Delta needs. On Databricks it is set up already, under other names. */
  private static final Map<String, String> DELTA =
      Map.of(
          "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension",
          "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");

  private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";

  private static final Map<String, String> INTERPRETED =
      Map.of(
          "spark.sql.codegen.wholeStage", "false", "spark.sql.codegen.factoryMode", "NO_CODEGEN");

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

  /**
   * Does work whose queries Spark interprets if they read {@link SmallData}: compiling one takes
   * about 0.1 s, which few rows do not earn back. More bytes, a session that has one of the
   * settings, or Databricks, which owns the session, change nothing. The session's settings are put
   * back; queries of others in the same session are interpreted meanwhile too.
   *
   * @param bytes of the files that are read
   */
  public static <T> T interpreting(SparkSession spark, long bytes, Supplier<T> work) {
    RuntimeConfig conf = spark.conf();
    if (!SmallData.is(bytes)
        || onDatabricks(System.getenv())
        || INTERPRETED.keySet().stream().anyMatch(conf.getAll()::contains)) {
      return work.get();
    }
    INTERPRETED.forEach(conf::set);
    try {
      return work.get();
    } finally {
      INTERPRETED.keySet().forEach(conf::unset);
    }
  }

  /** Opens another session with the same context and catalog, and settings of its own. */
  public static SparkSession withSettings(SparkSession spark, Map<String, String> settings) {
    SparkSession own = spark.newSession();
    settings.forEach(own.conf()::set);
    return own;
  }
}
