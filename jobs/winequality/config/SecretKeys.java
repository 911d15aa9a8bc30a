package winequality.config;

import java.util.List;

/** The keys whose values are never shown. */
final class SecretKeys {

  static final String MASK = "****";

  static final List<String> ALL =
      List.of(
          "mlflow.password",
          "mlflow.token",
          "mlflow.target.password",
          "mlflow.target.token",
          "mlflow.databricks.token",
          "mlflow.databricks.client-secret");

  private SecretKeys() {}

  static boolean contains(String key) {
    return ALL.contains(key);
  }
}
