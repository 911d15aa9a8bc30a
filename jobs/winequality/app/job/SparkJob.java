package winequality.app.job;

/** A job that works in a Spark session. */
public non-sealed interface SparkJob extends Job<JobContext> {}
