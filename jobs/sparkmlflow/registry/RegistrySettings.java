package sparkmlflow.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Under which name a model is registered, and how its newest version is marked.
 *
 * @param modelName the registered model
 * @param alias what the newest version is called, where roles are aliases
 * @param lifecycle how the registry says which version is in production
 */
public record RegistrySettings(String modelName, String alias, LifecycleKind lifecycle) {

  private static final Pattern ALIAS = Pattern.compile("[A-Za-z0-9_-]{1,255}");
  private static final Pattern RESERVED = Pattern.compile("v[0-9]+|latest");
  private static final Pattern ROLE = Pattern.compile("champion|previous");

  /**
   * Checks all values together, also when nothing is registered.
   *
   * @throws IllegalArgumentException with one line for each bad value, each starting with its name
   */
  public RegistrySettings {
    modelName = modelName.strip();
    alias = alias.strip();
    List<String> problems = new ArrayList<>();
    if (modelName.isEmpty() || modelName.contains("/") || modelName.contains(":")) {
      problems.add("modelName is \"" + modelName + "\"; it must not be empty or contain / or :");
    }
    if (modelName.contains("'") && modelName.contains("\"")) {
      problems.add(
          "modelName is "
              + modelName
              + "; it must not contain both kinds of quotes, since no search can name it then");
    }
    if (!ALIAS.matcher(alias).matches()) {
      problems.add(
          "alias is \""
              + alias
              + "\"; it must have 1 to 255 letters, digits, underscores and dashes");
    } else if (RESERVED.matcher(alias.toLowerCase(Locale.ROOT)).matches()) {
      problems.add("alias is " + alias + "; it must not be one that MLflow keeps for itself");
    }
    if (ROLE.matcher(alias).matches()) {
      problems.add(
          "alias is "
              + alias
              + "; it must not be champion or previous, which a new version has to earn: use"
              + " challenger");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  /** The newest version is the challenger; roles are what the kind of registry has. */
  public static RegistrySettings of(String modelName) {
    return new RegistrySettings(modelName, "challenger", LifecycleKind.AUTO);
  }

  /** The same for another model, such as that of the next environment. */
  public RegistrySettings named(String otherModel) {
    return new RegistrySettings(otherModel, alias, lifecycle);
  }
}
