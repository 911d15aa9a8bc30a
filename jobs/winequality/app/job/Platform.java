package winequality.app.job;

import java.util.Map;

/** The platforms on which a job has to behave differently. */
enum Platform {
  /** A Databricks cluster, which owns the session and the JVM. */
  DATABRICKS,
  /** spark-submit or any other program: session and JVM end with the job. */
  SPARK_SUBMIT;

  // every Databricks runtime sets this variable
  static Platform of(Map<String, String> environment) {
    return environment.containsKey("DATABRICKS_RUNTIME_VERSION") ? DATABRICKS : SPARK_SUBMIT;
  }
}
