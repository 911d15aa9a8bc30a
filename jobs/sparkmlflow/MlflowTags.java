package sparkmlflow;

/**
 * Names of the tags on runs, versions and registered models, including MLflow's own tags that are
 * set or read here. People filter by them, so they do not change.
 */
public final class MlflowTags {

  // on runs, shown by MLflow's and the workspace's UI
  public static final String USER = "mlflow.user";
  public static final String SOURCE_PREFIX = "mlflow.source.";
  public static final String SOURCE_NAME = "mlflow.source.name";
  public static final String SOURCE_TYPE = "mlflow.source.type";
  public static final String GIT_COMMIT = "mlflow.source.git.commit";
  public static final String PARENT_RUN = "mlflow.parentRunId";
  public static final String NOTE = "mlflow.note.content";
  public static final String LOGGED_TABLES = "mlflow.loggedArtifacts";
  public static final String DATABRICKS_JOB = "mlflow.databricks.jobID";
  public static final String DATABRICKS_JOB_RUN = "mlflow.databricks.jobRunID";
  public static final String DATABRICKS_APP = "mlflow.databricks.webappURL";
  public static final String DATABRICKS_WORKSPACE = "mlflow.databricks.workspaceURL";
  public static final String DATABRICKS_WORKSPACE_ID = "mlflow.databricks.workspaceID";

  // on runs
  public static final String SPARK_VERSION = "winequality.spark_version";
  public static final String SPARK_APPLICATION = "winequality.spark_application";

  /** Why a run failed: one line, without secrets. */
  public static final String ERROR = "winequality.error";

  /**
   * {@code done} on a run that is FAILED although its work is complete, because the call that ends
   * it as FINISHED failed. A version that the run registered is whole.
   */
  public static final String WORK = "winequality.work";

  /** On runs: the job is known to be alive until this time, in UTC; renewed while it works. */
  public static final String ALIVE_UNTIL = "winequality.alive_until";

  /** On versions: {@code VerifiedFolder.digest()} of the files. */
  public static final String FILES_DIGEST = "files_sha256";

  /** On versions that are no longer needed, in a registry without stages. */
  public static final String ARCHIVED = "archived";

  /** On registered models: the previous champion, in a registry with stages. */
  public static final String PREVIOUS = "winequality.previous";

  private MlflowTags() {}
}
