package sparkmlflow.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The name of a registered model, and how the roles of its versions are marked.
 *
 * @param alias alias of the newest version, if roles are aliases
 */
public record RegistrySettings(String modelName, String alias, LifecycleKind lifecycle) {

  /** Throws {@link IllegalArgumentException} with one line per bad value, led by its name. */
  public RegistrySettings {
    modelName = modelName.strip();
    alias = alias.strip();
    List<String> problems = new ArrayList<>();
    if (modelName.isEmpty() || modelName.contains("/") || modelName.contains(":")) {
      problems.add("modelName is \"" + modelName + "\"; it must not be empty or contain / or :");
    }
    if (modelName.contains("'") && modelName.contains("\"")) {
      problems.add(
          "modelName is %s; it must not contain both kinds of quotes, because MLflow's search could not quote it"
              .formatted(modelName));
    }
    if (!alias.matches("[A-Za-z0-9_-]{1,255}")) {
      problems.add(
          "alias is \"%s\"; it must have 1 to 255 letters, digits, underscores and dashes"
              .formatted(alias));
    } else if (alias.toLowerCase(Locale.ROOT).matches("v[0-9]+|latest")) {
      problems.add("alias is " + alias + "; it must not be a name that MLflow reserves");
    }
    if (alias.matches("champion|previous")) {
      problems.add(
          "alias is %s; it must not be champion or previous, which a new version has to earn. Use challenger"
              .formatted(alias));
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  /** Settings with the alias {@code challenger} and the lifecycle {@code AUTO}. */
  public static RegistrySettings of(String modelName) {
    return new RegistrySettings(modelName, "challenger", LifecycleKind.AUTO);
  }

  /** The same settings for another model, such as that of the next environment. */
  public RegistrySettings named(String otherModel) {
    return new RegistrySettings(otherModel, alias, lifecycle);
  }
}
