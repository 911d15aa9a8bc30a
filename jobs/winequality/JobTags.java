package winequality;

/** The tags of runs, versions and models. People filter by them, so the names do not change. */
public final class JobTags {

  // of a run
  public static final String RUN_PREFIX = "winequality.";
  public static final String RUN_JOB_ID = "winequality.job_id";
  public static final String RUN_DELTA_VERSION = "winequality.delta_version";
  public static final String RUN_MAIN_CLASS = "winequality.main_class";
  public static final String RUN_SETTINGS_HASH = "winequality.settings_hash";
  public static final String RUN_JAVA_VERSION = "winequality.java_version";
  public static final String RUN_UNCOMMITTED_CHANGES = "winequality.uncommitted_changes";
  public static final String RUN_TABLE = "winequality.table";
  public static final String RUN_TABLE_VERSION = "winequality.table_version";
  public static final String RUN_SPLIT_FINGERPRINT = "winequality.split_fingerprint";
  public static final String RUN_ROWS = "winequality.rows";
  public static final String RUN_ROWS_READ = "winequality.rows_read";
  public static final String RUN_ROWS_QUARANTINED = "winequality.rows_quarantined";
  public static final String RUN_QUARANTINED_BY_RULE = "winequality.quarantined_by_rule";
  public static final String RUN_GATE = "winequality.gate";

  // of a version: what it was trained from
  public static final String ALPHA = "alpha";
  public static final String LAMBDA = "lambda";
  public static final String RMSE = "rmse";
  public static final String TABLE = "table";
  public static final String TABLE_VERSION = "table_version";
  public static final String TABLE_ID = "table_id";

  /** "source" if the table is the source itself; absent if an ingest made the table. */
  public static final String TABLE_ROLE = "table_role";

  public static final String SPLIT_FINGERPRINT = "split_fingerprint";
  public static final String SETTINGS_HASH = "settings_hash";
  public static final String GATE_HASH = "gate_hash";
  public static final String CODE_HASH = "code_hash";
  public static final String SOURCE_HASH = "source_hash";

  // of a version: the gate's conditions, a sentence each, and the champion it was compared with
  public static final String GATE_REASONS = "gate_reasons";
  public static final String GATE_CHAMPION = "gate_champion";

  // of a copied version: where it came from
  public static final String ORIGIN_PREFIX = "origin_";
  public static final String ORIGIN_REGISTRY = "origin_registry";
  public static final String ORIGIN_MODEL = "origin_model";
  public static final String ORIGIN_VERSION = "origin_version";
  public static final String ORIGIN_RUN = "origin_run_id";

  /** Of a registered model: the job that is retraining it, see {@code ModelLease}. */
  public static final String RETRAINING = "retraining";

  // on runs: the scheduler's job and run
  public static final String CALLER_JOB = "winequality.caller_job_id";
  public static final String CALLER_RUN = "winequality.caller_run_id";

  /** On versions: promoted, rejected, awaiting-approval or rolled-back. */
  public static final String GATE = "gate";

  public static final String PROMOTED = "promoted";
  public static final String REJECTED = "rejected";
  public static final String AWAITING_APPROVAL = "awaiting-approval";
  public static final String ROLLED_BACK = "rolled-back";

  /** On versions: the champion that it replaced; empty for the first champion. */
  public static final String REPLACES = "replaces";

  public static final String PROMOTED_BY = "promoted_by";
  public static final String PROMOTED_AT = "promoted_at";
  public static final String PROMOTION_REASON = "promotion_reason";
  public static final String ROLLED_BACK_BY = "rolled_back_by";
  public static final String ROLLED_BACK_AT = "rolled_back_at";
  public static final String ROLLBACK_REASON = "rollback_reason";

  private JobTags() {}
}
