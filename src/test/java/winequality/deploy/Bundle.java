package winequality.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/**
 * A Databricks asset bundle as one of its targets sees it: included files merged, the target's
 * values laid over the defaults, every <code>${...}</code> replaced. What stands in double braces
 * is left: that is replaced when a job runs.
 */
final class Bundle {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^{}]+)}");
  private static final Map<String, String> WORKSPACE =
      Map.of(
          "workspace.current_user.userName", "ann.lee@example.com",
          "workspace.current_user.short_name", "ann_lee");

  private final Path folder;
  private final String target;
  private final Map<String, Object> root;
  private final Map<String, String> given;
  private final TreeSet<String> unresolved = new TreeSet<>();

  private Bundle(Path folder, String target, Map<String, Object> root, Map<String, String> given) {
    this.folder = folder;
    this.target = target;
    this.root = root;
    this.given = given;
  }

  /**
   * Reads a bundle.
   *
   * @param given values of variables, as {@code --var} gives them
   */
  static Bundle read(Path folder, String target, Map<String, String> given) throws IOException {
    Map<String, Object> root = yaml(folder.resolve("databricks.yml"));
    for (Object include : list(root.get("include"))) {
      merge(root, yaml(folder.resolve(String.valueOf(include))));
    }
    return new Bundle(folder, target, root, given);
  }

  static List<String> targets(Path folder) throws IOException {
    return List.copyOf(map(yaml(folder.resolve("databricks.yml")).get("targets")).keySet());
  }

  /** Where relative paths in the bundle start. */
  Path folder() {
    return folder;
  }

  String target() {
    return target;
  }

  /** The value at a path such as {@code workspace.artifact_path}, replaced; the target's first. */
  Optional<Object> at(String path) {
    Optional<Object> value = find(map(map(root.get("targets")).get(target)), path);
    return (value.isPresent() ? value : find(root, path)).map(this::resolved);
  }

  /** The value of a variable. */
  String value(String variable) {
    return replaced("${var." + variable + "}");
  }

  /** All resources of a kind by key. */
  Map<String, Map<String, Object>> resources(String kind) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (Map<String, Object> level : List.of(root, map(map(root.get("targets")).get(target)))) {
      merge(all, map(resolved(find(level, "resources." + kind).orElse(Map.of()))));
    }
    Map<String, Map<String, Object>> byKey = new LinkedHashMap<>();
    all.forEach((key, resource) -> byKey.put(key, map(resource)));
    return byKey;
  }

  /** The part of the file at a path such as {@code resources.jobs.train}, to be changed. */
  Map<String, Object> raw(String path) {
    return map(find(root, path).orElseThrow());
  }

  /** A registered model's name with catalog and schema. */
  static String fullName(Map<String, Object> model) {
    return model.get("catalog_name") + "." + model.get("schema_name") + "." + model.get("name");
  }

  /** References that name nothing, of what was looked at so far. */
  List<String> unresolved() {
    return List.copyOf(unresolved);
  }

  private Object resolved(Object value) {
    if (value instanceof Map<?, ?> fields) {
      Map<String, Object> all = new LinkedHashMap<>();
      fields.forEach((key, field) -> all.put(String.valueOf(key), resolved(field)));
      return all;
    }
    if (value instanceof List<?> items) {
      return items.stream().map(this::resolved).toList();
    }
    return value instanceof String text ? replaced(text) : value;
  }

  private String replaced(String text) {
    Matcher reference = REFERENCE.matcher(text);
    return reference.find()
        ? replaced(
            text.substring(0, reference.start())
                + valueOf(reference.group(1))
                + text.substring(reference.end()))
        : text;
  }

  private String valueOf(String name) {
    if (name.equals("bundle.target")) {
      return target;
    }
    if (name.equals("bundle.git.commit")) {
      return "0a1b2c3";
    }
    if (WORKSPACE.containsKey(name)) {
      return WORKSPACE.get(name);
    }
    Optional<Object> value = Optional.empty();
    if (name.startsWith("var.")) {
      String variable = name.substring("var.".length());
      value =
          Optional.<Object>ofNullable(given.get(variable))
              .or(() -> find(root, "targets." + target + ".variables." + variable))
              .or(() -> find(root, "variables." + variable + ".default"));
    } else if (name.startsWith("bundle.") || name.startsWith("resources.")) {
      value = find(root, name);
    }
    if (value.isEmpty()) {
      unresolved.add("${" + name + "} has no value in target " + target);
    }
    return String.valueOf(value.orElse("?"));
  }

  private static Optional<Object> find(Map<String, Object> start, String path) {
    Object value = start;
    for (String key : path.split("\\.", -1)) {
      value = map(value).get(key);
    }
    return Optional.ofNullable(value);
  }

  private static void merge(Map<String, Object> into, Map<String, Object> more) {
    more.forEach(
        (key, value) -> {
          if (value instanceof Map && into.get(key) instanceof Map) {
            merge(map(into.get(key)), map(value));
          } else if (value instanceof List && into.get(key) instanceof List) {
            into.put(
                key, Stream.concat(list(into.get(key)).stream(), list(value).stream()).toList());
          } else {
            into.put(key, value);
          }
        });
  }

  private static Map<String, Object> yaml(Path file) throws IOException {
    return map(new Yaml().load(Files.readString(file)));
  }

  /** The value as a map; an empty one if it is none. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object value) {
    return value instanceof Map<?, ?> ? (Map<String, Object>) value : new LinkedHashMap<>();
  }

  /** The value as a list; an empty one if it is none. */
  static List<Object> list(Object value) {
    return value instanceof List<?> items ? new ArrayList<>(items) : List.of();
  }
}
