package winequality.config;

import java.util.List;

/** The keys whose values are shown to nobody. */
final class SecretKeys {

  static final String MASK = "****";

  private static final List<String> ALL =
      List.of(
          "mlflow.password",
          "mlflow.token",
          "mlflow.target.password",
          "mlflow.target.token",
          "mlflow.databricks.token",
          "mlflow.databricks.client-secret");

  private SecretKeys() {}

  static List<String> all() {
    return ALL;
  }

  static boolean contains(String key) {
    return ALL.contains(key);
  }
}
