package winequality.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Whether the model is registered, under which name, and what becomes of its versions.
 *
 * @param enabled off: the run keeps the model and no version is made
 * @param modelName the registered model
 * @param alias what the newest version is called, where roles are aliases
 * @param lifecycle how the registry says which version is in production
 * @param keepVersions how many versions are left alone; 0: all
 * @param oldVersions what becomes of older ones
 * @param gate what a new version has to show before it goes into production
 */
public record RegistrySettings(
    boolean enabled,
    String modelName,
    String alias,
    LifecycleKind lifecycle,
    int keepVersions,
    OldVersions oldVersions,
    GateSettings gate) {

  private static final Pattern ALIAS = Pattern.compile("[A-Za-z0-9_-]{1,255}");
  private static final Pattern RESERVED = Pattern.compile("v[0-9]+|latest");
  private static final Pattern ROLE = Pattern.compile("champion|previous");

  /**
   * Checks all values together, also when registering is off.
   *
   * @throws IllegalArgumentException with one line for each bad value, each starting with its key
   */
  public RegistrySettings {
    modelName = modelName.strip();
    alias = alias.strip();
    List<String> problems = new ArrayList<>();
    if (modelName.isEmpty() || modelName.contains("/") || modelName.contains(":")) {
      problems.add(
          "registry.model-name is \"" + modelName + "\"; it must not be empty or contain / or :");
    }
    if (modelName.contains("'") && modelName.contains("\"")) {
      problems.add(
          "registry.model-name is "
              + modelName
              + "; it must not contain both kinds of quotes, since no search can name it then");
    }
    if (!ALIAS.matcher(alias).matches()) {
      problems.add(
          "registry.alias is \""
              + alias
              + "\"; it must have 1 to 255 letters, digits, underscores and dashes");
    } else if (RESERVED.matcher(alias.toLowerCase(Locale.ROOT)).matches()) {
      problems.add(
          "registry.alias is " + alias + "; it must not be one that MLflow keeps for itself");
    }
    if (ROLE.matcher(alias).matches()) {
      problems.add(
          "registry.alias is "
              + alias
              + "; it must not be champion or previous, which a new version has to earn: use"
              + " challenger, and registry.gate.mode for what becomes of it");
    }
    if (keepVersions < 0) {
      problems.add("registry.keep-versions is " + keepVersions + "; it must be 0 (all) or more");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  /** The same for another model, such as that of the next environment. */
  public RegistrySettings named(String otherModel) {
    return new RegistrySettings(
        enabled, otherModel, alias, lifecycle, keepVersions, oldVersions, gate);
  }
}
