package winequality.app.job;

import java.util.Map;

/** Where the job runs, as far as it has to behave differently there. */
enum Platform {
  /** A cluster of Databricks: the session belongs to the platform, and so does the JVM. */
  DATABRICKS,
  /** spark-submit, or a program of one's own: session and JVM end with the job. */
  SPARK_SUBMIT;

  /** Decides by the variable that every Databricks runtime sets. */
  static Platform of(Map<String, String> environment) {
    return environment.containsKey("DATABRICKS_RUNTIME_VERSION") ? DATABRICKS : SPARK_SUBMIT;
  }
}
