package winequality.app;

import java.time.Clock;
import org.apache.spark.sql.SparkSession;
import winequality.config.Settings;

/**
 * What a job works with.
 *
 * @param jobId unique for this start of the job; stands in table commits
 * @param mainClass shown as the source of the run
 */
record JobContext(
    Settings settings,
    SparkSession spark,
    StageMeter meter,
    JobReport report,
    Clock clock,
    String jobId,
    String mainClass) {}
