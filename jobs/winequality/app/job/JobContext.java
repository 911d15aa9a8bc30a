package winequality.app.job;

import java.time.Clock;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.MlflowConnection;
import winequality.config.Settings;

/**
 * What a job in a Spark session gets.
 *
 * @param jobId unique for this start of the job; every commit to a table carries it
 */
public record JobContext(
    Settings settings,
    SparkSession spark,
    StageMeter meter,
    JobReport report,
    Clock clock,
    String jobId,
    String mainClass) {

  /** Runs a stage and measures its cost. */
  public <T> T measure(String stage, Supplier<T> work) {
    return meter.measure(stage, work);
  }

  public JobContext with(Settings other) {
    return new JobContext(other, spark, meter, report, clock, jobId, mainClass);
  }

  /** Opens a connection that reads storage with the session's Hadoop configuration. */
  public MlflowConnection connect() {
    return MlflowConnection.open(settings.mlflow(), spark.sparkContext().hadoopConfiguration());
  }
}
