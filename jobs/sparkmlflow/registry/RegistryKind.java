package sparkmlflow.registry;

/** The kinds of registry that are used differently; the address determines the kind. */
public enum RegistryKind {
  MLFLOW_SERVER,
  /** The registry of a Databricks workspace, which has stages and no aliases. */
  DATABRICKS_WORKSPACE,
  /** Unity Catalog, which has aliases and no stages. */
  UNITY_CATALOG
}
