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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.quartz.CronExpression;

/**
 * What Databricks' own parser does not see in a bundle: names that lead nowhere, a schedule that
 * never fires, a jar that nobody builds, paths and tables that do not fit each other.
 */
final class BundleChecks {

  private static final Pattern RUN_VALUE = Pattern.compile("\\{\\{([^{}]*)}}");
  private static final Pattern VOLUME = Pattern.compile("/Volumes/[^/]+/[^/]+/[^/]+");

  /** The documented values of a run that a JAR task may want. */
  private static final Set<String> KNOWN =
      Set.of(
          "job.id",
          "job.name",
          "job.run_id",
          "job.repair_count",
          "job.start_time.iso_date",
          "job.start_time.iso_datetime",
          "job.trigger.type",
          "task.name",
          "task.run_id",
          "task.execution_count",
          "workspace.id",
          "workspace.url");

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
    checks.mode();
    checks.grants();
    checks.permissions();
    checks.problems.addAll(bundle.unresolved());
    return checks.problems;
  }

  private void job(String place, Map<String, Object> job) throws IOException {
    if (job.containsKey("schedule")) {
      schedule(place, map(job.get("schedule")));
      unattended(place, job);
    }
    Set<String> tasks = keys(job.get("tasks"), "task_key");
    Set<String> clusters = keys(job.get("job_clusters"), "job_cluster_key");
    Set<String> environments = keys(job.get("environments"), "environment_key");
    for (Object element : list(job.get("tasks"))) {
      Map<String, Object> task = map(element);
      String where = place + "." + task.get("task_key");
      resolves(where, "job_cluster_key", task, clusters);
      resolves(where, "environment_key", task, environments);
      if (!task.containsKey("job_cluster_key") && !task.containsKey("environment_key")) {
        problems.add(where + ": names neither job_cluster_key nor environment_key to run on");
      }
      for (Object dependency : list(task.get("depends_on"))) {
        resolves(where, "task_key", map(dependency), tasks);
        if (map(dependency).get("task_key").equals(task.get("task_key"))) {
          problems.add(where + ": depends on itself");
        }
      }
      for (Object library : list(task.get("libraries"))) {
        builtJar(where, String.valueOf(map(library).get("jar")));
      }
      if (task.containsKey("spark_jar_task")) {
        mainClass(where, task);
      }
      if (task.containsKey("spark_python_task")) {
        pythonFile(where, String.valueOf(map(task.get("spark_python_task")).get("python_file")));
      }
    }
    for (Object cluster : list(job.get("job_clusters"))) {
      cluster(place, map(map(cluster).get("new_cluster")));
    }
    runValues(place, job);
  }

  private void schedule(String place, Map<String, Object> schedule) {
    String cron = String.valueOf(schedule.get("quartz_cron_expression"));
    String zone = String.valueOf(schedule.get("timezone_id"));
    try {
      if (new CronExpression(cron).getNextValidTimeAfter(Date.from(Instant.now())) == null) {
        problems.add(place + ": the cron expression \"" + cron + "\" never fires again");
      }
    } catch (ParseException e) {
      problems.add(place + ": the cron expression \"" + cron + "\" is none: " + e.getMessage());
    }
    if (!ZoneId.getAvailableZoneIds().contains(zone)) {
      problems.add(place + ": there is no time zone " + zone);
    }
  }

  /** What a job needs that nobody looks at when it starts. */
  private void unattended(String place, Map<String, Object> job) {
    if (!Integer.valueOf(1).equals(job.get("max_concurrent_runs"))
        || !Boolean.TRUE.equals(map(job.get("queue")).get("enabled"))) {
      problems.add(place + ": is scheduled, but two runs may overlap or one is dropped");
    }
    if (list(map(job.get("email_notifications")).get("on_failure")).isEmpty()) {
      problems.add(place + ": is scheduled, but nobody gets a mail when it fails");
    }
    if (!job.containsKey("timeout_seconds")
        || list(map(job.get("health")).get("rules")).isEmpty()) {
      problems.add(place + ": is scheduled, but may run for ever and nobody is told");
    }
  }

  private void resolves(String place, String key, Map<String, Object> fields, Set<String> known) {
    Object name = fields.get(key);
    if (name != null && !known.contains(String.valueOf(name))) {
      problems.add(
          "%s: %s is %s, which the job has not; it has %s".formatted(place, key, name, known));
    }
  }

  private void builtJar(String place, String library) {
    Path path = bundle.folder().resolve(library).normalize();
    if (!path.equals(jar)) {
      problems.add(
          place + ": the library " + library + " is not the jar that Maven builds, " + jar);
    }
    boolean uploaded =
        map(bundle.at("artifacts").orElse(Map.of())).values().stream()
            .flatMap(artifact -> list(map(artifact).get("files")).stream())
            .anyMatch(
                file ->
                    bundle
                        .folder()
                        .resolve(String.valueOf(map(file).get("source")))
                        .normalize()
                        .equals(path));
    if (!uploaded) {
      problems.add(place + ": no artifact of the bundle uploads the library " + library);
    }
  }

  private void mainClass(String place, Map<String, Object> task) throws IOException {
    Map<String, Object> jarTask = map(task.get("spark_jar_task"));
    String name = String.valueOf(jarTask.get("main_class_name"));
    if (list(task.get("libraries")).isEmpty()) {
      problems.add(place + ": is a JAR task without a jar");
    }
    try (JarFile opened = new JarFile(jar.toFile())) {
      if (opened.getEntry(name.replace('.', '/') + ".class") == null) {
        problems.add(place + ": the jar has no class " + name);
        return;
      }
    }
    List<String> parameters =
        list(jarTask.get("parameters")).stream().map(String::valueOf).toList();
    for (int i = 1; i < parameters.size(); i++) {
      if (parameters.get(i - 1).equals("--set")) {
        setting(place, parameters.get(i));
      }
    }
  }

  /** What is said twice, in a resource and in a parameter, has to be the same. */
  private void setting(String place, String assignment) {
    String value = assignment.substring(assignment.indexOf('=') + 1);
    if (assignment.startsWith("registry.model-name=")
        && !isDevelopment()
        && bundle.resources("registered_models").values().stream()
            .noneMatch(model -> value.equals(fullName(model)))) {
      problems.add(place + ": the bundle makes no registered model " + value);
    }
    if (assignment.startsWith("registry.model-name=") && isDevelopment() && !isOfUser(value)) {
      problems.add(place + ": all developers would share the registered model " + value);
    }
    if (assignment.startsWith("mlflow.experiment-name=")
        && bundle.resources("experiments").values().stream()
            .noneMatch(experiment -> value.equals(experiment.get("name")))) {
      problems.add(place + ": the bundle makes no experiment " + value);
    }
  }

  /**
   * What the settings of a job name outside of the target's schema and volume: what the parameters
   * leave out is that of {@code databricks.conf}.
   *
   * @param settings as the job prints them
   */
  static List<String> strays(Bundle bundle, String place, Config settings) {
    String schema = bundle.value("catalog") + "." + bundle.value("schema") + ".";
    String volume = "/Volumes/" + schema.replace('.', '/') + bundle.value("volume") + "/";
    List<String> strays = new ArrayList<>();
    for (String key : PLACES) {
      String value = settings.getString(key);
      boolean isPath = value.startsWith("/");
      if (!value.isEmpty() && !value.startsWith(isPath ? volume : schema)) {
        strays.add(
            "%s: %s is %s, which is not in %s"
                .formatted(place, key, value, isPath ? volume : schema));
      }
    }
    return strays;
  }

  /** What the command line tool asks of a target's mode ({@code process_target_mode.go}). */
  private void mode() {
    String mode = String.valueOf(bundle.at("mode").orElse(""));
    String artifacts = String.valueOf(bundle.at("workspace.artifact_path").orElse(""));
    if (isDevelopment() && !isOfUser(artifacts)) {
      problems.add(
          "workspace.artifact_path is "
              + artifacts
              + "; in development mode it has to hold the name of the user");
    }
    if (isDevelopment()
        && !Integer.valueOf(1).equals(bundle.at("presets.jobs_max_concurrent_runs").orElse(0))) {
      problems.add("development mode would let four runs of a job overlap");
    }
    if (mode.equals("production")
        && (bundle.at("workspace.root_path").isEmpty()
            || (bundle.at("run_as").isEmpty() && !bundle.resources("jobs").isEmpty()))) {
      problems.add("production mode needs workspace.root_path and run_as");
    }
  }

  /** A group of the workspace gets permissions there, and is nobody to Unity Catalog. */
  private void grants() {
    Set<String> ofWorkspace = new HashSet<>();
    for (String kind : List.of("jobs", "experiments")) {
      for (Map<String, Object> resource : bundle.resources(kind).values()) {
        ofWorkspace.addAll(keys(resource.get("permissions"), "group_name"));
      }
    }
    for (Map<String, Object> model : bundle.resources("registered_models").values()) {
      for (String principal : keys(model.get("grants"), "principal")) {
        if (ofWorkspace.contains(principal)) {
          problems.add(
              "a grant is to " + principal + ", a group of the workspace, not of the account");
        }
      }
    }
  }

  /**
   * What Databricks' Terraform provider refuses (its {@code permissions/permission_definitions.go})
   * and what its page on access control lists says of folders.
   */
  private void permissions() {
    for (String kind : List.of("jobs", "experiments", "model_serving_endpoints")) {
      bundle
          .resources(kind)
          .forEach(
              (key, resource) -> {
                if (keys(resource.get("permissions"), "group_name").contains("admins")) {
                  problems.add(
                      "%s.%s: permissions of admins cannot be changed".formatted(kind, key));
                }
              });
    }
    bundle
        .resources("experiments")
        .forEach(
            (key, experiment) -> {
              if (String.valueOf(experiment.get("name")).startsWith("/Shared/")) {
                problems.add(
                    "experiments.%s: below /Shared everybody may change and delete its runs"
                        .formatted(key));
              }
              String principal = bundle.value("service_principal");
              if (isDevelopment()
                  && list(experiment.get("permissions")).stream()
                      .noneMatch(
                          permission ->
                              map(permission)
                                  .equals(
                                      Map.of(
                                          "level",
                                          "CAN_EDIT",
                                          "service_principal_name",
                                          principal)))) {
                problems.add(
                    "experiments.%s: the service principal %s could not write the developer's"
                        .formatted(key, principal));
              }
            });
  }

  private boolean isDevelopment() {
    return bundle.at("mode").equals(Optional.of("development"));
  }

  private static boolean isOfUser(String text) {
    return Bundle.OF_USER.stream().anyMatch(text::contains);
  }

  private static String fullName(Map<String, Object> model) {
    return model.get("catalog_name") + "." + model.get("schema_name") + "." + model.get("name");
  }

  private void pythonFile(String place, String file) {
    if (!Files.isRegularFile(bundle.folder().resolve(file))) {
      problems.add(place + ": there is no file " + file);
    }
  }

  private void cluster(String place, Map<String, Object> cluster) {
    if (!String.valueOf(cluster.get("spark_version")).matches("17\\.3\\.x-(cpu-ml-)?scala2\\.13")) {
      problems.add(
          place + ": the jar is built for DBR 17.3 LTS, not for " + cluster.get("spark_version"));
    }
    if (!"SINGLE_USER".equals(cluster.get("data_security_mode"))) {
      problems.add(
          place
              + ": MLlib from a jar needs data_security_mode SINGLE_USER, not "
              + cluster.get("data_security_mode"));
    }
  }

  /** A reference that the platform does not know would reach the job as it stands. */
  private void runValues(String place, Map<String, Object> job) {
    Set<String> declared = keys(job.get("parameters"), "name");
    Set<String> used = new HashSet<>();
    strings(job)
        .forEach(
            text -> {
              Matcher value = RUN_VALUE.matcher(text);
              while (value.find()) {
                String name = value.group(1);
                if (name.startsWith("job.parameters.")) {
                  used.add(name.substring("job.parameters.".length()));
                } else if (!KNOWN.contains(name) && !name.startsWith("secrets/")) {
                  problems.add(place + ": a run has no value {{" + name + "}}");
                }
              }
            });
    for (String name : used) {
      if (!declared.contains(name)) {
        problems.add(place + ": uses the job parameter " + name + ", which it has not");
      }
    }
    for (String name : declared) {
      if (!used.contains(name)) {
        problems.add(place + ": has the job parameter " + name + ", which nothing uses");
      }
    }
  }

  private void volumes() {
    if (bundle.at("workspace.artifact_path").isEmpty()) {
      return; // it brings no files
    }
    String own =
        "/Volumes/%s/%s/%s"
            .formatted(bundle.value("catalog"), bundle.value("schema"), bundle.value("volume"));
    if (volume(String.valueOf(bundle.at("workspace.artifact_path").orElse(""))).equals(own)) {
      problems.add("whoever brings files to " + own + " could change the jar that lies there too");
    }
    strings(bundle.resources("jobs"))
        .filter(text -> text.contains("/Volumes/"))
        .filter(text -> !volume(text).equals(own))
        .distinct()
        .forEach(text -> problems.add("the path " + text + " is not in the volume " + own));
  }

  private static String volume(String text) {
    Matcher volume = VOLUME.matcher(text);
    return volume.find() ? volume.group() : "";
  }

  private static Set<String> keys(Object elements, String key) {
    Set<String> keys = new HashSet<>();
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
