package winequality.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import sparkmlflow.NetworkSettings;

/**
 * The defaults, which follow from the state folder and the name of the data set.
 *
 * @param config has every key
 * @param other the name of a data set that {@code reference.conf} does not describe
 */
record SettingDefaults(Config config, Optional<ConfigValue> other) {

  private static final Config REFERENCE = SettingLayers.bundled("reference.conf");

  private static final String NAME = "dataset.name";

  /** Other defaults refer to these. */
  private static final List<String> REFERRED = List.of("data.state-dir", NAME);

  /** Another data set has its name as the default. */
  private static final List<String> NAMED_ALIKE =
      List.of("registry.model-name", "mlflow.experiment-name", "databricks.model");

  /** Another data set has no default, because the wines' would be wrong. */
  private static final List<String> TO_BE_GIVEN = List.of("dataset.label", "dataset.columns");

  /**
   * @param given the values of the layers over the defaults
   */
  static SettingDefaults of(Config given, Map<String, String> environment) {
    Config wines = resolved(ConfigFactory.empty(), environment);
    Config over = ConfigFactory.empty();
    for (String key : REFERRED) {
      // anything but a text is refused when the key is read
      if (given.hasPath(key)
          && !(given.getValue(key) instanceof ConfigObject)
          && !(given.getValue(key) instanceof ConfigList)) {
        over = over.withValue(key, given.getValue(key));
      }
    }
    String name = over.hasPath(NAME) ? over.getString(NAME) : "";
    Optional<ConfigValue> other =
        name.isBlank() || name.equals(wines.getString(NAME))
            ? Optional.empty()
            : Optional.of(over.getValue(NAME));
    if (other.isPresent()) {
      for (String key : NAMED_ALIKE) {
        over = over.withValue(key, other.get());
      }
      over = over.withValue("data.source", ConfigValueFactory.fromAnyRef(""));
    }
    Config config = resolved(over, environment);
    for (String key : REFERRED) {
      // a file that extends the value, such as ${dataset.name}s, means the wines'
      config = config.withValue(key, wines.getValue(key));
    }
    return new SettingDefaults(config, other);
  }

  private static Config resolved(Config over, Map<String, String> environment) {
    Config defaults = over.withFallback(REFERENCE);
    Config all =
        defaults
            .withFallback(SettingLayers.variables(NetworkSettings.withOneNameEach(environment)))
            .resolve(ConfigResolveOptions.noSystem());
    return SettingLayers.resolved(defaults.root(), all.root()).toConfig();
  }

  /**
   * What the data set lacks if only these layers, perhaps with references, lie over the defaults.
   */
  Optional<String> missing(Config... layers) {
    List<String> missing =
        TO_BE_GIVEN.stream()
            .filter(key -> Stream.of(layers).noneMatch(layer -> has(layer, key)))
            .toList();
    return other
        .filter(name -> !missing.isEmpty())
        .map(
            name ->
                "dataset.name is \"%s\"; set %s too, because the defaults are those of the wines. `wine describe` drafts a complete file"
                    .formatted(name.unwrapped(), String.join(" and ", missing)));
  }

  /** A reference to the wines' counts, as in {@code dataset = ${dataset} { name = white }}. */
  private static boolean has(Config layer, String key) {
    try {
      ConfigValue dataset = layer.root().get("dataset");
      return layer.hasPath(key) || (dataset != null && !(dataset instanceof ConfigObject));
    } catch (ConfigException.NotResolved e) {
      return true;
    }
  }
}
