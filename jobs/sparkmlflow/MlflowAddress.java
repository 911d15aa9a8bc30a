package sparkmlflow;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import sparkmlflow.wire.Secrets;

/** The address of a tracking server or a registry, as MLflow spells it; it determines the kind. */
sealed interface MlflowAddress {

  String WORKSPACE = "databricks";
  String UNITY_CATALOG = "databricks-uc";

  /** An MLflow server. */
  record Server(URI base) implements MlflowAddress {}

  /**
   * A workspace's tracking server, or its registry with stages. The profile is empty if the address
   * names none.
   */
  record Workspace(String profile) implements MlflowAddress {}

  /** The Unity Catalog of a Databricks workspace. */
  record UnityCatalog(String profile) implements MlflowAddress {}

  /** What is wrong with the text as the address of a tracking server, starting with the key. */
  static Optional<String> trackingProblem(String key, String text) {
    Optional<String> problem = registryProblem(key, text);
    return problem.isEmpty() && isOrHasProfile(UNITY_CATALOG, text)
        ? Optional.of(
            "%s is %s, a registry, which stores no runs: set registryUri to it"
                .formatted(key, text))
        : problem;
  }

  /** What is wrong with the text as the address of a registry, starting with the key. */
  static Optional<String> registryProblem(String key, String text) {
    String problem =
        isOrHasProfile(WORKSPACE, text) || isOrHasProfile(UNITY_CATALOG, text)
            ? profileProblem(text)
            : serverProblem(text);
    return problem.isEmpty() ? Optional.empty() : Optional.of(key + " is " + problem);
  }

  /** The address in a text that was checked. */
  static MlflowAddress parse(String checked) {
    if (isOrHasProfile(WORKSPACE, checked)) {
      return new Workspace(profile(checked));
    }
    if (isOrHasProfile(UNITY_CATALOG, checked)) {
      return new UnityCatalog(profile(checked));
    }
    // without a slash at its end; a path prefix stays
    return new Server(URI.create(checked.replaceAll("/+$", "")));
  }

  /** The registry of a tracking server; for a workspace Unity Catalog, as in MLflow 3. */
  default MlflowAddress ownRegistry() {
    return this instanceof Workspace workspace ? new UnityCatalog(workspace.profile()) : this;
  }

  /** Whether both lead to one server with one login. */
  default boolean sharesServerWith(MlflowAddress other) {
    return equals(other)
        || (ofWorkspace().isPresent() && ofWorkspace().equals(other.ofWorkspace()));
  }

  /** The profile, perhaps empty, if the address leads to a workspace. */
  default Optional<String> ofWorkspace() {
    if (this instanceof Workspace workspace) {
      return Optional.of(workspace.profile());
    }
    return this instanceof UnityCatalog catalog ? Optional.of(catalog.profile()) : Optional.empty();
  }

  private static boolean isOrHasProfile(String scheme, String text) {
    return text.equals(scheme) || text.startsWith(scheme + ":");
  }

  private static String profile(String text) {
    return text.replaceAll("^databricks(-uc)?(://)?|/+$", "");
  }

  private static String profileProblem(String text) {
    if (text.matches("databricks(-uc)?(://[^/:@?#\\s]+/*)?")) {
      return "";
    }
    return text.replaceAll("(?s)//.*@", "//" + Secrets.MASK + "@")
        + "; it must be databricks or databricks-uc, alone or with a profile as in"
        + " databricks://profile (scope:prefix of a secret scope is not supported: set"
        + " DATABRICKS_HOST and DATABRICKS_TOKEN from the scope instead)";
  }

  private static String serverProblem(String text) {
    // up to the last @, not the first / or @: a wrongly written password may contain both; a query
    // may be a login too
    String masked =
        text.replaceAll("(?s)^([A-Za-z][A-Za-z0-9+.-]*://)?.*@", "$1" + Secrets.MASK + "@")
            .replaceAll("(?s)[?#].*", "...");
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      return masked + "; it must be an address such as http://127.0.0.1:5000: " + e.getReason();
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (scheme.equals("uc")) {
      return masked
          + "; open-source Unity Catalog is not supported, because it stores neither aliases nor"
          + " tags of model versions: set the address of an MLflow server, or databricks-uc for the"
          + " Unity Catalog of a workspace";
    }
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return masked
          + "; it must start with http:// or https:// (or be databricks for a workspace), because"
          + " this client needs a running MLflow server. For a file: or database address start one"
          + " with `mlflow server --backend-store-uri ...`";
    }
    if (uri.getRawUserInfo() != null || text.contains("@")) {
      return masked
          + "; it must not contain a user or password, because addresses are printed and logged:"
          + " set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN";
    }
    if (uri.getHost() == null) {
      return masked
          + "; it must name a host, of letters, digits, dots and hyphens (Java takes no underscore)";
    }
    return uri.getRawQuery() == null && uri.getRawFragment() == null
        ? ""
        : masked + "; it must not have a query or a fragment: remove everything from ? or # on";
  }
}
