package winequality.app.job;

import java.time.Clock;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.MlflowConnection;
import winequality.config.Settings;

/**
 * What a job in a Spark session works with.
 *
 * @param jobId unique for this start of the job; every commit to a table names it
 * @param mainClass shown as the source of the run
 */
public record JobContext(
    Settings settings,
    SparkSession spark,
    StageMeter meter,
    JobReport report,
    Clock clock,
    String jobId,
    String mainClass) {

  /** Runs a stage and keeps what it cost. */
  public <T> T measure(String stage, Supplier<T> work) {
    return meter.measure(stage, work);
  }

  /** A connection that reads storage as the session does. */
  public MlflowConnection connect() {
    return MlflowConnection.open(settings.mlflow(), spark.sparkContext().hadoopConfiguration());
  }
}
