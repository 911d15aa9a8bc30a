package sparkmlflow.registry;

/** The kinds of registry, as far as they are used differently; known from the address. */
public enum RegistryKind {
  /** An MLflow server. */
  MLFLOW_SERVER,
  /** The registry of a Databricks workspace, which has stages and no aliases. */
  DATABRICKS_WORKSPACE,
  /** Unity Catalog, which has aliases and no stages. */
  UNITY_CATALOG
}
