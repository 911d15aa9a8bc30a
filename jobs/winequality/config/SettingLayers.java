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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import sparkmlflow.NetworkSettings;
import sparkmlflow.SecretFile;

/**
 * The layers of settings, merged, and the problems found before any value is checked: a file that
 * cannot be read, an assignment that is not HOCON, an unknown key.
 */
final class SettingLayers {

  private static final String FOLDER = "winequality/conf/";

  private static final String IN_JAR = "jar:";

  /** How HOCON begins the origin of a value that several places made. */
  private static final String MERGE = "merge of ";

  /** HOCON's reader calls itself for each bracket, without a bound. */
  private static final String TOO_DEEP = "brackets or references are nested too deeply";

  final Config reference;
  final Config merged;
  // a file is resolved twice: its data set's name decides the defaults that its references see
  final Set<SettingProblem> problems = new LinkedHashSet<>();

  SettingLayers(SettingsSource source) {
    Config over = assignments(source.assignments()).withFallback(environment(source.environment()));
    Config file = source.file().map(this::file).orElseGet(ConfigFactory::empty);
    Config wines = SettingDefaults.of(over, source.environment()).config();
    SettingDefaults defaults =
        SettingDefaults.of(given(source, over, file, wines), source.environment());
    this.reference = defaults.config();
    Config given = given(source, over, file, reference);
    findUnknown(given.root(), reference.root(), "");
    Optional<String> missing = defaults.missing(over, file);
    if (missing.isPresent()) {
      refused(place(defaults.other().orElseThrow().origin()), missing.get());
      given = given.withoutPath("dataset"); // a part of it does not fit the defaults
    }
    this.merged = given.withFallback(reference);
  }

  /** The layers over the defaults; the file's references see all of them. */
  private Config given(SettingsSource source, Config over, Config file, Config defaults) {
    String origin = "--config " + source.file().map(Path::toString).orElse("");
    try {
      Config all =
          over.withFallback(file)
              .withFallback(defaults)
              .withFallback(variables(source.environment()))
              .resolve(ConfigResolveOptions.noSystem());
      return over.withFallback(resolved(file.root(), all.root()));
    } catch (ConfigException e) {
      refused(origin, "the file is not valid HOCON: " + e.getMessage());
    } catch (StackOverflowError e) {
      refused(origin, TOO_DEEP);
    }
    return over;
  }

  /**
   * Some groups of a job's rendered settings, over the defaults. The others are left out: their
   * keys change between versions, and their secrets are masked.
   */
  SettingLayers(String rendered, String origin, List<String> groups) {
    this.reference = bundled("reference.conf").resolve(ConfigResolveOptions.noSystem());
    Config given = ConfigFactory.empty();
    try {
      Config all =
          ConfigFactory.parseString(rendered, from(origin))
              .resolve(ConfigResolveOptions.noSystem());
      for (String group : groups) {
        if (all.hasPath(group)) {
          given = given.withFallback(all.withOnlyPath(group));
        } else {
          refused(origin, "the group \"" + group + "\" is missing");
        }
      }
    } catch (ConfigException e) {
      refused(origin, "this is not valid HOCON: " + e.getMessage());
    } catch (StackOverflowError e) {
      refused(origin, TOO_DEEP);
    }
    findUnknown(given.root(), reference.root(), "");
    this.merged = given.withFallback(reference);
  }

  /**
   * Where a value is set, such as {@code conf/prod.conf:12}; of a default that follows, by what.
   */
  static String place(ConfigOrigin origin) {
    String description = origin.description();
    if (description.startsWith(MERGE)) {
      description =
          Stream.of(description.substring(MERGE.length()).split(","))
              .filter(part -> !part.startsWith("reference.conf") && !part.startsWith(FOLDER))
              .findFirst()
              .orElse("reference.conf");
    }
    return description.replaceFirst(": (\\d+(-\\d+)?)$", ":$1");
  }

  static Config bundled(String name) {
    return ConfigFactory.parseResources(
        SettingLayers.class.getClassLoader(), FOLDER + name, ours(name));
  }

  private static ConfigParseOptions ours(String origin) {
    return ConfigParseOptions.defaults().setAllowMissing(false).setOriginDescription(origin);
  }

  /** Of files and texts that a user wrote or a run has recorded. */
  private static ConfigParseOptions from(String origin) {
    return ours(origin).setIncluder(new SettingIncluder());
  }

  private Config environment(Map<String, String> environment) {
    return bundled("environment.conf")
        .resolveWith(
            variables(NetworkSettings.withOneNameEach(environment)),
            ConfigResolveOptions.noSystem());
  }

  static Config variables(Map<String, String> set) {
    Config variables = ConfigFactory.empty();
    for (Map.Entry<String, String> variable : set.entrySet()) {
      // quoted, because the name of a variable may contain dots
      variables =
          variables.withValue(
              ConfigUtil.quoteString(variable.getKey()),
              ConfigValueFactory.fromAnyRef(
                  variable.getValue(), "environment variable " + variable.getKey()));
    }
    return variables;
  }

  /** Reads the settings file, and leaves its references for later. */
  private Config file(Path file) {
    String name = file.toString();
    String origin = "--config " + name;
    try {
      Config given;
      if (name.startsWith(IN_JAR)) {
        String bundled = name.substring(IN_JAR.length());
        if (SettingLayers.class.getClassLoader().getResource(FOLDER + bundled) == null) {
          return refused(
              origin,
              "the jar has no settings file of that name; it has those of the project's folder conf, such as databricks.conf");
        }
        given = bundled(bundled);
      } else if (Files.isRegularFile(file) && Files.isReadable(file)) {
        given = ConfigFactory.parseFile(file.toFile(), from(name));
      } else {
        return refused(
            origin,
            Files.exists(file)
                ? "the file cannot be read; check that it is a file and that the job may read it"
                : "there is no such file; a relative path starts from the folder the job runs in");
      }
      if (SettingValues.SECRETS.stream().anyMatch(key -> isIn(given, key))) {
        SecretFile.warnIfShared(file);
      }
      return given;
    } catch (SettingIncluder.RefusedException e) {
      return refused(origin, String.valueOf(e.getMessage()));
    } catch (ConfigException e) {
      return refused(origin, "the file is not valid HOCON: " + e.getMessage());
    } catch (StackOverflowError e) {
      return refused(origin, TOO_DEEP);
    }
  }

  /** Whether the file has the value itself and not a reference to a variable. */
  private static boolean isIn(Config file, String key) {
    try {
      return file.hasPath(key) && !file.getString(key).isEmpty();
    } catch (ConfigException e) {
      return false;
    }
  }

  private Config refused(String origin, String message) {
    problems.add(new SettingProblem(origin, message));
    return ConfigFactory.empty();
  }

  /** The resolved values of these keys, without the variables that they refer to. */
  static ConfigObject resolved(ConfigObject given, ConfigObject resolved) {
    ConfigObject kept = ConfigFactory.empty().root();
    for (String key : given.keySet()) {
      ConfigValue value = resolved.get(key);
      if (value != null) {
        kept = kept.withValue(key, value);
      }
    }
    return kept;
  }

  private Config assignments(List<SettingsSource.Assignment> assignments) {
    Config all = ConfigFactory.empty();
    for (SettingsSource.Assignment assignment : assignments) {
      if (SettingValues.SECRETS.contains(assignment.key())) {
        refused(
            assignment.option(),
            "a secret must not be given on the command line, where every user of the machine can read it; set it in the environment, see environment.conf");
        continue;
      }
      try {
        all = all.withValue(assignment.key(), value(assignment));
      } catch (SettingIncluder.RefusedException e) {
        refused(assignment.option(), String.valueOf(e.getMessage()));
      } catch (ConfigException e) {
        refused(
            assignment.option(),
            "is not a valid key=value: a key is words separated by dots, and a list or an object is written as in a settings file");
      } catch (StackOverflowError e) {
        refused(assignment.option(), TOO_DEEP);
      }
    }
    return all;
  }

  private static ConfigValue value(SettingsSource.Assignment assignment) {
    String text = assignment.value();
    if (text.startsWith("[") || text.startsWith("{") || text.startsWith("\"")) {
      return ConfigFactory.parseString("value = " + text, from(assignment.option()))
          .getValue("value");
    }
    // not parsed: paths and URIs have characters that HOCON gives a meaning
    return ConfigValueFactory.fromAnyRef(text, assignment.option());
  }

  private void findUnknown(ConfigObject given, ConfigObject known, String prefix) {
    given.forEach(
        (key, value) -> {
          String path = prefix + ConfigUtil.joinPath(key);
          ConfigValue knownValue = known.get(key);
          if (knownValue == null && value instanceof ConfigObject object && !object.isEmpty()) {
            findUnknown(object, ConfigFactory.empty().root(), path + ".");
          } else if (knownValue == null) {
            List<String> paths = reference.entrySet().stream().map(Map.Entry::getKey).toList();
            refused(
                place(value.origin()),
                "unknown key \"%s\"; did you mean \"%s\"?"
                    .formatted(path, SettingValues.nearest(path, paths)));
          } else if (knownValue instanceof ConfigObject knownObject) {
            if (value instanceof ConfigObject object) {
              findUnknown(object, knownObject, path + ".");
            } else {
              refused(
                  place(value.origin()),
                  "\"%s\" is a group of keys %s, not a value"
                      .formatted(path, knownObject.keySet()));
            }
          }
        });
  }
}
