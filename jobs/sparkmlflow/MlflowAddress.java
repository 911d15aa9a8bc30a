package sparkmlflow;

import java.net.URI;
import java.util.Optional;
import sparkmlflow.wire.Secrets;

/**
 * Where a tracking server or a registry is, and of which kind, by MLflow's own spelling of its
 * URIs: the kind is known from the address and never found out by trial.
 */
sealed interface MlflowAddress {

  String WORKSPACE = "databricks";
  String UNITY_CATALOG = "databricks-uc";

  /** An MLflow server. */
  record Server(URI base) implements MlflowAddress {}

  /**
   * A Databricks workspace: its tracking server, or as a registry the one with stages.
   *
   * @param profile the section of the configuration file that says which; empty: none is named
   */
  record Workspace(String profile) implements MlflowAddress {}

  /** The Unity Catalog of a Databricks workspace. */
  record UnityCatalog(String profile) implements MlflowAddress {}

  /** What is wrong with the text as the address of a tracking server. */
  static Optional<String> trackingProblem(String key, String text) {
    if (isOrHasProfile(WORKSPACE, text)) {
      return profileProblem(key, text);
    }
    if (isOrHasProfile(UNITY_CATALOG, text)) {
      return Optional.of(
          key
              + " is "
              + text
              + "; it must not be a registry, which keeps no runs: set"
              + " registryUri to it");
    }
    return ServerAddress.problem(key, text);
  }

  /** What is wrong with the text as the address of a registry. */
  static Optional<String> registryProblem(String key, String text) {
    if (isOrHasProfile(WORKSPACE, text) || isOrHasProfile(UNITY_CATALOG, text)) {
      return profileProblem(key, text);
    }
    return ServerAddress.problem(key, text);
  }

  /** The address in a text that was checked. */
  static MlflowAddress parse(String checked) {
    if (isOrHasProfile(WORKSPACE, checked)) {
      return new Workspace(profile(checked));
    }
    if (isOrHasProfile(UNITY_CATALOG, checked)) {
      return new UnityCatalog(profile(checked));
    }
    return new Server(ServerAddress.parse(checked));
  }

  /** The registry that belongs to a tracking server, as MLflow 3 has it: Unity Catalog's. */
  default MlflowAddress ownRegistry() {
    return this instanceof Workspace workspace ? new UnityCatalog(workspace.profile()) : this;
  }

  /** Whether both lead to one server, with one login. */
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

  private static Optional<String> profileProblem(String key, String text) {
    if (text.matches("databricks(-uc)?(://[^/:@?#\\s]+/*)?")) {
      return Optional.empty();
    }
    return Optional.of(
        key
            + " is "
            + text.replaceAll("(?s)//.*@", "//" + Secrets.MASK + "@")
            + "; it must be databricks or databricks-uc, or have a profile's name behind it as in"
            + " databricks://profile (scope:prefix of a secret scope is not read: set"
            + " DATABRICKS_HOST and DATABRICKS_TOKEN from the scope instead)");
  }
}
