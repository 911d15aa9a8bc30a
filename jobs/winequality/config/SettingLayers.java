package winequality.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The layers of settings, laid over each other, and what is wrong with them as text: a file that
 * cannot be read, an assignment without a key, keys that nobody knows.
 */
final class SettingLayers {

  private static final String FOLDER = "winequality/conf/";

  /** Before the name of a settings file that the jar brings. */
  private static final String IN_JAR = "jar:";

  /** What decides the model besides the rows. */
  private static final List<String> DECIDING = List.of("dataset", "holdout", "learning");

  private final Config reference;
  private final Config merged;
  private final List<SettingProblem> problems = new ArrayList<>();

  SettingLayers(SettingsSource source) {
    this.reference = bundled("reference.conf").resolve();
    Config said = assignments(source.assignments());
    said = said.withFallback(environment(source.environment()));
    if (source.file().isPresent()) {
      said = said.withFallback(file(source.file().orElseThrow(), said, source.environment()));
    }
    findUnknown(said.root(), reference.root(), "");
    this.merged = said.withFallback(reference);
  }

  /**
   * The part of a job's rendered settings that decides the model, over the defaults. The other
   * groups are left out: their keys come and go, and their secrets are masked.
   *
   * @param origin where the text was found, for messages
   */
  SettingLayers(String rendered, String origin) {
    this.reference = bundled("reference.conf").resolve();
    Config said = ConfigFactory.empty();
    try {
      Config all =
          ConfigFactory.parseString(
                  rendered, ConfigParseOptions.defaults().setOriginDescription(origin))
              .resolve(ConfigResolveOptions.noSystem());
      for (String group : DECIDING) {
        if (all.hasPath(group)) {
          said = said.withFallback(all.withOnlyPath(group));
        } else {
          problems.add(new SettingProblem(origin, "the group \"" + group + "\" is missing"));
        }
      }
    } catch (ConfigException e) {
      problems.add(new SettingProblem(origin, "this is not valid HOCON: " + e.getMessage()));
    }
    findUnknown(said.root(), reference.root(), "");
    this.merged = said.withFallback(reference);
  }

  /** The defaults. */
  Config reference() {
    return reference;
  }

  /** All layers. */
  Config merged() {
    return merged;
  }

  List<SettingProblem> problems() {
    return List.copyOf(problems);
  }

  /** Where a value was said, as people look for it: {@code conf/prod.conf:12}. */
  static String place(ConfigOrigin origin) {
    return origin.description().replaceFirst(": (\\d+(-\\d+)?)$", ":$1");
  }

  private static Config bundled(String name) {
    return ConfigFactory.parseResources(
        SettingLayers.class.getClassLoader(),
        FOLDER + name,
        ConfigParseOptions.defaults().setAllowMissing(false).setOriginDescription(name));
  }

  private Config environment(Map<String, String> environment) {
    Map<String, Object> set = new LinkedHashMap<>();
    // an empty variable is how shells and job definitions say "not set"
    environment.forEach(
        (name, value) -> {
          if (!value.isBlank()) {
            set.put(name, value);
          }
        });
    Config variables = variables(set);
    return bundled("environment.conf").resolveWith(variables, ConfigResolveOptions.noSystem());
  }

  private static Config variables(Map<String, Object> set) {
    Config variables = ConfigFactory.empty();
    for (Map.Entry<String, Object> variable : set.entrySet()) {
      // quoted: the name of a variable may hold dots
      variables =
          variables.withValue(
              ConfigUtil.quoteString(variable.getKey()),
              ConfigValueFactory.fromAnyRef(
                  variable.getValue(), "environment variable " + variable.getKey()));
    }
    return variables;
  }

  /**
   * What a file says.
   *
   * @param over the layers over it, whose values the keys have that it refers to
   */
  private Config file(Path file, Config over, Map<String, String> environment) {
    String name = file.toString();
    if (name.startsWith(IN_JAR)) {
      return fileInJar(name.substring(IN_JAR.length()), over, environment);
    }
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      problems.add(
          new SettingProblem(
              "--config " + file,
              Files.exists(file)
                  ? "the file cannot be read; check that it is a file and the rights on it"
                  : "there is no such file; a relative path starts from the folder the job runs in"));
      return ConfigFactory.empty();
    }
    return file(
        name,
        () ->
            ConfigFactory.parseFile(
                file.toFile(),
                ConfigParseOptions.defaults().setAllowMissing(false).setOriginDescription(name)),
        over,
        environment);
  }

  private Config fileInJar(String name, Config over, Map<String, String> environment) {
    if (SettingLayers.class.getClassLoader().getResource(FOLDER + name) == null) {
      problems.add(
          new SettingProblem(
              "--config " + IN_JAR + name,
              "the jar brings no settings of that name; what it brings is the folder conf of the project, such as databricks.conf"));
      return ConfigFactory.empty();
    }
    return file(IN_JAR + name, () -> bundled(name), over, environment);
  }

  private Config file(
      String name, Supplier<Config> parsed, Config over, Map<String, String> environment) {
    try {
      Config said = parsed.get();
      // it may refer to its own keys, to defaults and to variables
      Config resolved =
          over.withFallback(said)
              .withFallback(reference)
              .withFallback(variables(new LinkedHashMap<>(environment)))
              .resolve(ConfigResolveOptions.noSystem());
      return said(said.root(), resolved.root()).toConfig();
    } catch (ConfigException e) {
      problems.add(
          new SettingProblem("--config " + name, "the file is not valid HOCON: " + e.getMessage()));
      return ConfigFactory.empty();
    }
  }

  /** What a file says, with the values that it has once everything it refers to is known. */
  private static ConfigObject said(ConfigObject said, ConfigObject resolved) {
    ConfigObject kept = ConfigFactory.empty().root();
    for (String key : said.keySet()) {
      ConfigValue value = resolved.get(key);
      if (value == null) {
        continue;
      }
      if (said.get(key) instanceof ConfigObject inner && value instanceof ConfigObject whole) {
        kept = kept.withValue(key, isKnown(inner) ? said(inner, whole) : whole);
      } else {
        kept = kept.withValue(key, value);
      }
    }
    return kept;
  }

  /** Whether an object's keys are known before what it refers to is. */
  private static boolean isKnown(ConfigObject said) {
    try {
      return said.keySet() != null;
    } catch (ConfigException.NotResolved e) {
      return false;
    }
  }

  private Config assignments(List<SettingsSource.Assignment> assignments) {
    Config all = ConfigFactory.empty();
    for (SettingsSource.Assignment assignment : assignments) {
      if (SecretKeys.contains(assignment.key())) {
        problems.add(
            new SettingProblem(
                assignment.option(),
                "a secret must not stand on the command line, where every user of the machine can"
                    + " read it; set it in the environment, see environment.conf"));
        continue;
      }
      try {
        all = all.withValue(assignment.key(), value(assignment));
      } catch (ConfigException e) {
        problems.add(
            new SettingProblem(
                assignment.option(),
                "cannot be understood as key=value; a key is words with dots between, a list or object is"
                    + " written as in a settings file"));
      }
    }
    return all;
  }

  private static ConfigValue value(SettingsSource.Assignment assignment) {
    String text = assignment.value();
    if (text.startsWith("[") || text.startsWith("{") || text.startsWith("\"")) {
      return ConfigFactory.parseString(
              "value = " + text,
              ConfigParseOptions.defaults().setOriginDescription(assignment.option()))
          .getValue("value");
    }
    // taken as it is: paths and URIs have characters that HOCON gives a meaning
    return ConfigValueFactory.fromAnyRef(text, assignment.option());
  }

  private void findUnknown(ConfigObject said, ConfigObject known, String prefix) {
    said.forEach(
        (key, value) -> {
          String path = prefix + ConfigUtil.joinPath(key);
          ConfigValue knownValue = known.get(key);
          if (knownValue == null && value instanceof ConfigObject object && !object.isEmpty()) {
            findUnknown(object, ConfigFactory.empty().root(), path + ".");
          } else if (knownValue == null) {
            List<String> paths = new ArrayList<>();
            reference.entrySet().forEach(entry -> paths.add(entry.getKey()));
            problems.add(
                new SettingProblem(
                    place(value.origin()),
                    "unknown key \"%s\"; did you mean \"%s\"?"
                        .formatted(path, NearestKey.to(path, paths))));
          } else if (knownValue instanceof ConfigObject knownObject) {
            if (value instanceof ConfigObject object) {
              findUnknown(object, knownObject, path + ".");
            } else {
              problems.add(
                  new SettingProblem(
                      place(value.origin()),
                      "\"%s\" is a group of keys %s, not a value"
                          .formatted(path, knownObject.keySet())));
            }
          }
        });
  }
}
