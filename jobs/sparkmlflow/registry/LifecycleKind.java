package sparkmlflow.registry;

/** How a registry marks the roles of versions. */
public enum LifecycleKind {
  /** What the kind of registry supports. */
  AUTO,
  /** Aliases: MLflow from 2.9 on, Unity Catalog. */
  ALIASES,
  /** The stages Staging, Production and Archived: Databricks workspace registry, older MLflow. */
  STAGES
}
