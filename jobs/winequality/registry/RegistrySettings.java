package winequality.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Whether the model is registered, under which name and alias.
 *
 * @param enabled off: the run keeps the model and no version is made
 * @param modelName the registered model
 * @param alias what a new version is called until a gate or a person decides
 */
public record RegistrySettings(boolean enabled, String modelName, String alias) {

  private static final Pattern ALIAS = Pattern.compile("[A-Za-z0-9_-]{1,255}");
  private static final Pattern RESERVED = Pattern.compile("v[0-9]+|latest");

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
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }
}
