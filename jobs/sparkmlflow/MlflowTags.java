package sparkmlflow;

/**
 * The tags that any pipeline's run, version or registered model gets, and those of MLflow's own
 * that are set or read here; people filter by them, so they stay.
 */
public final class MlflowTags {

  // of a run, read by MLflow's and the workspace's pages
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

  // of a run
  public static final String SPARK_VERSION = "winequality.spark_version";
  public static final String SPARK_APPLICATION = "winequality.spark_application";
  public static final String CALLER_JOB = "winequality.caller_job_id";
  public static final String CALLER_RUN = "winequality.caller_run_id";

  /** Why a run failed: one line, without secrets. */
  public static final String ERROR = "winequality.error";

  /**
   * {@code done} on a run that FAILED after all its work, since the server could not be told that
   * it is finished: a version that the work registered exists and is whole.
   */
  public static final String WORK = "winequality.work";

  /** Of a version: {@code VerifiedFolder.digest()} of its files. */
  public static final String FILES_DIGEST = "files_sha256";

  /** Of a version: promoted, rejected, awaiting-approval or rolled-back. */
  public static final String GATE = "gate";

  public static final String PROMOTED = "promoted";
  public static final String REJECTED = "rejected";
  public static final String AWAITING_APPROVAL = "awaiting-approval";
  public static final String ROLLED_BACK = "rolled-back";

  /** Of a version: the champion whose place it took; empty for a first one. */
  public static final String REPLACES = "replaces";

  public static final String PROMOTED_BY = "promoted_by";
  public static final String PROMOTED_AT = "promoted_at";
  public static final String PROMOTION_REASON = "promotion_reason";
  public static final String ROLLED_BACK_BY = "rolled_back_by";
  public static final String ROLLED_BACK_AT = "rolled_back_at";
  public static final String ROLLBACK_REASON = "rollback_reason";

  /** Of a version that nobody needs any more, where there are no stages. */
  public static final String ARCHIVED = "archived";

  /** Of a registered model: the champion before the present one, where roles are stages. */
  public static final String PREVIOUS = "winequality.previous";

  private MlflowTags() {}
}
