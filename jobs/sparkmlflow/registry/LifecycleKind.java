package sparkmlflow.registry;

/** How a registry says which version has which role. */
public enum LifecycleKind {
  /** As its kind of registry has it. */
  AUTO,
  /** By aliases: MLflow from 2.9 on, Unity Catalog. */
  ALIASES,
  /**
   * By the stages Staging, Production and Archived: Databricks workspace registry, older MLflow.
   */
  STAGES
}
