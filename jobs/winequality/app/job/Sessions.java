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

  private static final Map<String, String> AS_PLANNED =
      Map.of("spark.sql.adaptive.enabled", "false");

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
   * Does work that reads so many bytes, and sets the session up for {@link SmallData} meanwhile:
   * Spark then interprets queries, because compiling one takes about 0.1 s, and does not adapt
   * their plans, which would make a Spark job of each side of a shuffle.
   *
   * <p>The session stays as it is for more bytes, on Databricks, which owns it, and where the user
   * has set the same keys. Other queries in the session run with these settings too until the work
   * ends.
   *
   * @param bytes of the files that are read
   */
  public static <T> T reading(long bytes, SparkSession spark, Supplier<T> work) {
    return SmallData.is(bytes) && !onDatabricks(System.getenv())
        ? with(INTERPRETED, spark.conf(), () -> with(AS_PLANNED, spark.conf(), work))
        : work.get();
  }

  private static <T> T with(Map<String, String> settings, RuntimeConfig conf, Supplier<T> work) {
    if (settings.keySet().stream().anyMatch(conf.getAll()::contains)) {
      return work.get();
    }
    settings.forEach(conf::set);
    try {
      return work.get();
    } finally {
      settings.keySet().forEach(conf::unset);
    }
  }

  /** Opens another session with the same context and catalog, and with these settings. */
  public static SparkSession withSettings(SparkSession spark, Map<String, String> settings) {
    SparkSession own = spark.newSession();
    settings.forEach(own.conf()::set);
    return own;
  }
}
