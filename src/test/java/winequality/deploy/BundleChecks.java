package winequality.deploy;

import static winequality.deploy.Bundle.list;
import static winequality.deploy.Bundle.map;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.quartz.CronExpression;

/**
 * What Databricks' own parser does not see in a bundle: references, paths, names and classes that
 * lead nowhere, and a schedule that never fires.
 */
final class BundleChecks {

  private static final Pattern RUN_VALUE = Pattern.compile("\\{\\{([^{}]*)}}");
  private static final Pattern VOLUME = Pattern.compile("/Volumes/[^/]+/[^/]+/[^/]+");

  /** The documented values of a run that the jobs use. */
  private static final Set<String> KNOWN = Set.of("job.id", "job.run_id", "workspace.id");

  /** The kinds of resources in the bundles. */
  static final List<String> KINDS =
      List.of("jobs", "experiments", "registered_models", "model_serving_endpoints");

  /** Settings that say where something is. */
  private static final List<String> PLACES =
      List.of(
          "data.source",
          "data.table",
          "data.quarantine-table",
          "data.files-table",
          "data.profile-table",
          "scoring.source",
          "scoring.table",
          "scoring.rejected-table",
          "model.staging-dir",
          "registry.model-name");

  private final Bundle bundle;
  private final Path jar;
  private final List<String> problems = new ArrayList<>();

  private BundleChecks(Bundle bundle, Path jar) {
    this.bundle = bundle;
    this.jar = jar;
  }

  /** Everything that is wrong, a line each. */
  static List<String> problems(Bundle bundle, Path jar) throws IOException {
    BundleChecks checks = new BundleChecks(bundle, jar);
    for (Map.Entry<String, Map<String, Object>> job : bundle.resources("jobs").entrySet()) {
      checks.job("jobs." + job.getKey(), job.getValue());
    }
    checks.volumes();
    KINDS.forEach(bundle::resources); // resolves every reference
    checks.problems.addAll(bundle.unresolved());
    return checks.problems;
  }

  private void job(String place, Map<String, Object> job) throws IOException {
    if (job.containsKey("schedule")) {
      schedule(place, map(job.get("schedule")));
    }
    Set<String> tasks = keys(job.get("tasks"), "task_key");
    Set<String> clusters = keys(job.get("job_clusters"), "job_cluster_key");
    for (Object element : list(job.get("tasks"))) {
      Map<String, Object> task = map(element);
      String where = place + "." + task.get("task_key");
      check(
          clusters.contains(String.valueOf(task.get("job_cluster_key"))),
          "%s: job_cluster_key is %s; the job has %s"
              .formatted(where, task.get("job_cluster_key"), clusters));
      for (String key : keys(task.get("depends_on"), "task_key")) {
        check(
            tasks.contains(key), "%s: task_key is %s; the job has %s".formatted(where, key, tasks));
      }
      for (Object library : list(task.get("libraries"))) {
        builtJar(where, String.valueOf(map(library).get("jar")));
      }
      if (task.containsKey("spark_jar_task")) {
        mainClass(where, task, defaults(job));
        approval(where, task, keys(job.get("parameters"), "name"));
      }
      if (task.containsKey("spark_python_task")) {
        Object file = map(task.get("spark_python_task")).get("python_file");
        check(
            Files.isRegularFile(bundle.folder().resolve(String.valueOf(file))),
            "%s: there is no file %s".formatted(where, file));
      }
    }
    runValues(place, job);
  }

  private void check(boolean holds, String problem) {
    if (!holds) {
      problems.add(problem);
    }
  }

  private void schedule(String place, Map<String, Object> schedule) {
    String cron = String.valueOf(schedule.get("quartz_cron_expression"));
    Object zone = schedule.get("timezone_id");
    try {
      check(
          new CronExpression(cron).getNextValidTimeAfter(Date.from(Instant.now())) != null,
          "%s: the cron expression \"%s\" never fires again".formatted(place, cron));
    } catch (ParseException e) {
      problems.add(place + ": \"" + cron + "\" is not a cron expression: " + e.getMessage());
    }
    check(
        ZoneId.getAvailableZoneIds().contains(String.valueOf(zone)),
        "%s: there is no time zone %s".formatted(place, zone));
  }

  private void builtJar(String place, String library) {
    check(
        bundle.folder().resolve(library).normalize().equals(jar),
        "%s: the library %s is not the jar that Maven builds, %s".formatted(place, library, jar));
    check(
        map(bundle.at("artifacts").orElse(Map.of())).values().stream()
            .flatMap(artifact -> list(map(artifact).get("files")).stream())
            .anyMatch(file -> library.equals(map(file).get("source"))),
        "%s: no artifact of the bundle uploads the library %s".formatted(place, library));
  }

  private void mainClass(String place, Map<String, Object> task, Map<String, String> defaults)
      throws IOException {
    Map<String, Object> jarTask = map(task.get("spark_jar_task"));
    String name = String.valueOf(jarTask.get("main_class_name"));
    check(
        !list(task.get("libraries")).isEmpty(), "%s: is a JAR task without a jar".formatted(place));
    try (JarFile opened = new JarFile(jar.toFile())) {
      check(
          opened.getEntry(name.replace('.', '/') + ".class") != null,
          "%s: the jar has no class %s".formatted(place, name));
    }
    for (Object parameter : list(jarTask.get("parameters"))) {
      String text = String.valueOf(parameter);
      for (Map.Entry<String, String> value : defaults.entrySet()) {
        text = text.replace(value.getKey(), value.getValue());
      }
      setting(place, text);
    }
  }

  /** What a run puts in place of the job's parameters if it is started without other values. */
  static Map<String, String> defaults(Map<String, Object> job) {
    Map<String, String> defaults = new LinkedHashMap<>();
    for (Object parameter : list(job.get("parameters"))) {
      defaults.put(
          "{{job.parameters." + map(parameter).get("name") + "}}",
          String.valueOf(map(parameter).get("default")));
    }
    return defaults;
  }

  /**
   * The workspace knows an approval task by its name, tags the version with that name and starts
   * the job with the model and the version.
   */
  private void approval(String place, Map<String, Object> task, Set<String> parameters) {
    String name = String.valueOf(task.get("task_key"));
    List<Object> words = list(map(task.get("spark_jar_task")).get("parameters"));
    int option = words.indexOf("--approval-tag");
    if (option < 0) {
      return;
    }
    check(
        name.toLowerCase(Locale.ROOT).startsWith("approval"),
        "%s: no approval task, because its name does not begin with approval".formatted(place));
    check(
        name.equals(words.get(option + 1)),
        "%s: waits for the tag %s, but Approve sets %s"
            .formatted(place, words.get(option + 1), name));
    check(
        parameters.equals(Set.of("model_name", "model_version")),
        "%s: a deployment job has the parameters model_name and model_version, not %s"
            .formatted(place, parameters));
  }

  /** A name in a resource and in a parameter has to be the same. */
  private void setting(String place, String assignment) {
    String value = assignment.substring(assignment.indexOf('=') + 1);
    // in development the first training makes the model
    if (assignment.startsWith("registry.model-name=") && !bundle.target().equals("dev")) {
      check(
          bundle.resources("registered_models").values().stream()
              .anyMatch(model -> value.equals(Bundle.fullName(model))),
          "%s: the bundle makes no registered model %s".formatted(place, value));
    }
    if (assignment.startsWith("mlflow.experiment-name=")) {
      check(
          bundle.resources("experiments").values().stream()
              .anyMatch(experiment -> value.equals(experiment.get("name"))),
          "%s: the bundle makes no experiment %s".formatted(place, value));
    }
  }

  /**
   * The settings of a job that name a place outside of the target's schema and volume. What the
   * parameters leave out comes from {@code databricks.conf}.
   *
   * @param settings as the job prints them
   */
  static List<String> strays(Bundle bundle, String place, Config settings) {
    String schema = bundle.value("catalog") + "." + bundle.value("schema") + ".";
    String volume = volume(bundle) + "/";
    List<String> strays = new ArrayList<>();
    for (String key : PLACES) {
      String value = settings.getString(key);
      String home = value.startsWith("/") ? volume : schema;
      if (!value.isEmpty() && !value.startsWith(home)) {
        strays.add("%s: %s is %s, which is not in %s".formatted(place, key, value, home));
      }
    }
    return strays;
  }

  /** A reference that the platform does not know would reach the job unchanged. */
  private void runValues(String place, Map<String, Object> job) {
    Set<String> declared = keys(job.get("parameters"), "name");
    Set<String> used = new TreeSet<>();
    strings(job)
        .flatMap(text -> RUN_VALUE.matcher(text).results())
        .map(value -> value.group(1))
        .forEach(
            name -> {
              if (name.startsWith("job.parameters.")) {
                used.add(name.substring("job.parameters.".length()));
              } else {
                check(
                    KNOWN.contains(name) || name.startsWith("secrets/"),
                    "%s: a run has no value {{%s}}".formatted(place, name));
              }
            });
    check(
        used.equals(declared),
        "%s: uses the job parameters %s and declares %s".formatted(place, used, declared));
  }

  private void volumes() {
    if (bundle.at("workspace.artifact_path").isEmpty()) {
      return; // the bundle uploads no files
    }
    String own = volume(bundle);
    Object jars = bundle.at("workspace.artifact_path").orElseThrow();
    check(
        !(jars + "/").startsWith(own + "/"),
        "whoever may write to %s could replace the jar in it".formatted(own));
    strings(bundle.resources("jobs"))
        .filter(text -> text.contains("/Volumes/"))
        .forEach(
            text -> {
              Matcher volume = VOLUME.matcher(text);
              check(
                  volume.find() && volume.group().equals(own),
                  "the path %s is not in the volume %s".formatted(text, own));
            });
  }

  private static String volume(Bundle bundle) {
    return "/Volumes/%s/%s/%s"
        .formatted(bundle.value("catalog"), bundle.value("schema"), bundle.value("volume"));
  }

  private static Set<String> keys(Object elements, String key) {
    Set<String> keys = new TreeSet<>();
    list(elements).forEach(element -> keys.add(String.valueOf(map(element).get(key))));
    return keys;
  }

  /** Every text in a tree of maps and lists. */
  private static Stream<String> strings(Object tree) {
    if (tree instanceof Map<?, ?> fields) {
      return fields.values().stream().flatMap(BundleChecks::strings);
    }
    return tree instanceof List<?> items
        ? items.stream().flatMap(BundleChecks::strings)
        : Stream.of(String.valueOf(tree));
  }
}
