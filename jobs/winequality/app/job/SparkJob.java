package winequality.app.job;

/** A job that works in a Spark session. */
public non-sealed interface SparkJob extends Job {
  JobStatus run(JobContext context);

  /** Checks what the job needs and writes nothing. */
  void rehearse(JobContext context);
}
