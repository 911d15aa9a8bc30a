package winequality.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static winequality.deploy.Bundle.list;
import static winequality.deploy.Bundle.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import winequality.PythonEnv;

/**
 * The asset bundle, as far as it can be looked at without a workspace: Databricks' own classes
 * parse every resource, every name leads somewhere, and each job's class in the jar takes the
 * parameters that it would be started with. And a wrong bundle is told from a right one.
 */
class BundleIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FOLDER = Path.of("deploy", "databricks").toAbsolutePath();
  private static final Path JAR = Path.of(System.getProperty("winequality.jar"));
  private static final Path PYTHON = Path.of("src", "test", "resources", "python");

  /** What README's commands give for a target; the rest has to stand in the bundle. */
  private static final Map<String, String> PRODUCTION =
      Map.of(
          "host",
          "https://workspace.example",
          "service_principal",
          "1b2c",
          "notify",
          "team@example.com");

  private static final Map<String, String> DEVELOPMENT =
      Map.of("host", "https://workspace.example", "service_principal", "3d4e");

  /** What a run would put in place of what stands in double braces. */
  private static final Map<String, String> RUN =
      Map.of("job.id", "123", "job.run_id", "456", "workspace.id", "678");

  @TestFactory
  Stream<DynamicTest> everyTargetIsInOrder() throws IOException {
    return Bundle.targets(FOLDER).stream()
        .map(
            target ->
                DynamicTest.dynamicTest(
                    target,
                    () -> {
                      // development mode has the developer's address
                      Bundle bundle =
                          Bundle.read(
                              FOLDER, target, target.equals("dev") ? DEVELOPMENT : PRODUCTION);
                      assertThat(problems(bundle)).isEmpty();
                      assertThat(bundle.resources("jobs"))
                          .containsKeys("train", "retrain", "score");
                    }));
  }

  @Test
  void theServingEndpointIsInOrderOnceAVersionIsNamed() throws Exception {
    Path folder = FOLDER.resolve("serving");
    Bundle unnamed = Bundle.read(folder, "prod", Map.of());
    assertThat(problems(unnamed)).containsExactly("${var.version} has no value in target prod");
    Bundle named = Bundle.read(folder, "prod", Map.of("version", "3"));
    assertThat(problems(named)).isEmpty();
    Map<String, Object> endpoint = named.resources("model_serving_endpoints").get("wine_quality");
    Map<String, Object> model =
        Bundle.read(FOLDER, "prod", Map.of()).resources("registered_models").get("wine_quality");
    assertThat(map(list(map(endpoint.get("config")).get("served_entities")).get(0)))
        .containsEntry(
            "entity_name",
            model.get("catalog_name") + "." + model.get("schema_name") + "." + model.get("name"));
  }

  @Test
  void retrainingIsScheduledAndLooksAfterItself() throws IOException {
    Map<String, Object> job =
        Bundle.read(FOLDER, "prod", PRODUCTION).resources("jobs").get("retrain");
    assertThat(map(job.get("schedule")))
        .containsEntry("quartz_cron_expression", "0 0 5 * * ?")
        .containsEntry("timezone_id", "Europe/Lisbon");
    assertThat(list(map(job.get("email_notifications")).get("on_failure")))
        .containsExactly("team@example.com");
    assertThat(map(list(job.get("tasks")).get(0))).containsEntry("max_retries", 2);
  }

  /** One mistake each, in a bundle that is in order otherwise, and what has to be said of it. */
  @TestFactory
  Stream<DynamicTest> aPlantedMistakeIsFound() {
    return Stream.of(
        planted("a field that there is not", "max_retry", b -> task(b).put("max_retry", 2)),
        planted(
            "an access mode that there is not",
            "DEDICATED",
            b -> cluster(b).put("data_security_mode", "DEDICATED")),
        planted(
            "a number that is a text",
            "jobs.train: invalid literal for int() with base 10: 'two hours'",
            b -> job(b).put("timeout_seconds", "two hours")),
        planted(
            "a cron expression of Unix", "is none", b -> schedule(b, "0 5 * * *", "Europe/Lisbon")),
        planted(
            "a schedule that has passed",
            "never fires again",
            b -> schedule(b, "0 0 5 1 1 ? 2020", "Europe/Lisbon")),
        planted(
            "a time zone that there is not",
            "no time zone Europe/Lisboa",
            b -> schedule(b, "0 0 5 * * ?", "Europe/Lisboa")),
        planted(
            "a schedule without anybody to tell",
            "nobody gets a mail",
            b -> {
              schedule(b, "0 0 5 * * ?", "Europe/Lisbon");
              job(b).remove("email_notifications");
            }),
        planted(
            "a cluster that the job has not",
            "job_cluster_key is sparks",
            b -> task(b).put("job_cluster_key", "sparks")),
        planted(
            "an environment that the job has not",
            "environment_key is default",
            b -> task(b).put("environment_key", "default")),
        planted(
            "a task that the job has not",
            "task_key is ingest",
            b -> task(b).put("depends_on", List.of(Map.of("task_key", "ingest")))),
        planted(
            "a jar that nobody builds",
            "is not the jar that Maven builds",
            b -> task(b).put("libraries", List.of(Map.of("jar", "../../target/wine-1.0.jar")))),
        planted(
            "a class that is not in the jar",
            "the jar has no class winequality.app.TrainJob",
            b -> jarTask(b).put("main_class_name", "winequality.app.TrainJob")),
        planted(
            "an option that the class has not",
            "Unknown option: '--learning-rate=1'",
            b -> parameters(b).add("--learning-rate=1")),
        planted(
            "a key that there is not",
            "unknown key \"data.sorce\"; did you mean \"data.source\"?",
            b -> parameters(b).addAll(List.of("--set", "data.sorce=x"))),
        planted(
            "a value that a key cannot have",
            "learning.reg-param is -1.0",
            b -> parameters(b).addAll(List.of("--set", "learning.reg-param=-1.0"))),
        planted(
            "a job parameter that there is not",
            "uses the job parameter sorce",
            b -> parameters(b).addAll(List.of("--set", "data.source={{job.parameters.sorce}}"))),
        planted(
            "a value that no run has",
            "a run has no value {{job.runid}}",
            b -> parameters(b).addAll(List.of("--set", "mlflow.run-name={{job.runid}}"))),
        planted(
            "a variable that there is not",
            "${var.katalog} has no value",
            b -> parameters(b).addAll(List.of("--set", "data.table=${var.katalog}.wine.wine"))),
        planted(
            "a path in another volume",
            "is not in the volume",
            b -> parameters(b).addAll(List.of("--set", "data.source=/Volumes/main/wine/files/x"))),
        planted(
            "a table in another catalog",
            "data.files-table is main.wine.files, which is not in wine_dev.wine.",
            b -> parameters(b).addAll(List.of("--set", "data.files-table=main.wine.files"))),
        planted(
            "a catalog that a parameter leaves out",
            "data.profile-table is main.wine.wine_profiles, which is not in wine_dev.wine.",
            b -> {
              int at = parameters(b).indexOf("databricks.catalog=${var.catalog}");
              parameters(b).subList(at - 1, at + 1).clear();
            }),
        planted(
            "a jar that two developers would overwrite",
            "in development mode it has to hold the name of the user",
            b -> map(b.target("dev").get("workspace")).remove("artifact_path")),
        planted(
            "a jar beside the files that others bring",
            "could change the jar that lies there too",
            b ->
                map(b.target("dev").get("workspace"))
                    .put(
                        "artifact_path",
                        "/Volumes/${var.catalog}/${var.schema}/${var.volume}/${workspace.current_user.short_name}")),
        planted(
            "a model that all developers would share",
            "all developers would share the registered model",
            b -> map(b.target("dev").get("variables")).remove("model")),
        planted(
            "runs that development mode would let overlap",
            "four runs of a job overlap",
            b -> b.target("dev").remove("presets")),
        planted(
            "a permission of admins",
            "jobs.train: permissions of admins cannot be changed",
            b ->
                job(b)
                    .put(
                        "permissions",
                        List.of(Map.of("level", "CAN_MANAGE_RUN", "group_name", "admins")))),
        planted(
            "an experiment that everybody may change",
            "below /Shared everybody",
            b -> b.raw("experiments", "wine_quality").put("name", "/Shared/wine-quality")),
        planted(
            "an experiment that the jobs may not write",
            "the service principal 3d4e could not write the developer's",
            b -> b.target("dev").remove("resources")));
  }

  /** It owns the model, and nobody else can change what its jobs run. */
  @TestFactory
  Stream<DynamicTest> aServicePrincipalRunsTheJobsFromItsOwnFolder() {
    return Stream.of("staging", "prod")
        .map(
            target ->
                DynamicTest.dynamicTest(
                    target,
                    () -> {
                      Bundle bundle = Bundle.read(FOLDER, target, PRODUCTION);
                      assertThat(bundle.at("run_as.service_principal_name")).contains("1b2c");
                      assertThat(String.valueOf(bundle.at("workspace.root_path").orElseThrow()))
                          .startsWith("/Workspace/Users/1b2c/");
                      assertThat(bundle.value("secret_scope")).isEqualTo("wine-quality-" + target);
                      assertThat(bundle.resources("registered_models")).isNotEmpty();
                    }));
  }

  @Test
  void whatAProfileSaysIsNoValueInABundle() throws IOException, InterruptedException {
    Bundle bundle = Bundle.read(FOLDER, "prod", PRODUCTION);
    parameters(bundle).addAll(List.of("--set", "caller.workspace-url=${workspace.host}"));
    assertThat(problems(bundle)).contains("${workspace.host} has no value in target prod");
    Bundle unnamed = Bundle.read(FOLDER, "prod", Map.of());
    assertThat(problems(unnamed))
        .contains(
            "${var.host} has no value in target prod", "${var.notify} has no value in target prod");
  }

  /** As one planted mistake each, where only production has what is wrong. */
  @TestFactory
  Stream<DynamicTest> aMistakePlantedInProductionIsFound() {
    return Stream.of(
        inProduction(
            "a grant to a group of the workspace",
            "a grant is to wine-operators-prod, a group of the workspace",
            bundle -> {
              Map<String, Object> models =
                  map(map(bundle.target("prod").get("resources")).get("registered_models"));
              map(list(map(models.get("wine_quality")).get("grants")).get(0))
                  .put("principal", "${var.operators}");
            }),
        inProduction(
            "jobs that run as whoever deployed",
            "production mode needs workspace.root_path and run_as",
            bundle -> bundle.target("prod").remove("run_as")),
        inProduction(
            "a model that the bundle does not make",
            "makes no registered model main.wine.wine",
            bundle ->
                parameters(bundle).addAll(List.of("--set", "registry.model-name=main.wine.wine"))));
  }

  private static DynamicTest inProduction(String mistake, String said, Consumer<Bundle> plant) {
    return DynamicTest.dynamicTest(
        mistake,
        () -> {
          Bundle bundle = Bundle.read(FOLDER, "prod", PRODUCTION);
          plant.accept(bundle);
          assertThat(problems(bundle)).anyMatch(problem -> problem.contains(said));
        });
  }

  private static DynamicTest planted(String mistake, String said, Consumer<Bundle> plant) {
    return DynamicTest.dynamicTest(
        mistake,
        () -> {
          Bundle bundle = Bundle.read(FOLDER, "dev", DEVELOPMENT);
          // what a job shares with others by an alias shall be its own
          job(bundle).putAll(map(JSON.readValue(JSON.writeValueAsBytes(job(bundle)), Map.class)));
          plant.accept(bundle);
          assertThat(problems(bundle)).anyMatch(problem -> problem.contains(said));
        });
  }

  private static Map<String, Object> job(Bundle bundle) {
    return bundle.raw("jobs", "train");
  }

  private static Map<String, Object> task(Bundle bundle) {
    return map(((List<?>) job(bundle).get("tasks")).get(0));
  }

  private static Map<String, Object> cluster(Bundle bundle) {
    return map(map(((List<?>) job(bundle).get("job_clusters")).get(0)).get("new_cluster"));
  }

  private static Map<String, Object> jarTask(Bundle bundle) {
    return map(task(bundle).get("spark_jar_task"));
  }

  @SuppressWarnings("unchecked")
  private static List<Object> parameters(Bundle bundle) {
    return (List<Object>) jarTask(bundle).get("parameters");
  }

  private static void schedule(Bundle bundle, String cron, String zone) {
    job(bundle).put("schedule", Map.of("quartz_cron_expression", cron, "timezone_id", zone));
  }

  private static List<String> problems(Bundle bundle) throws IOException, InterruptedException {
    List<String> problems = new ArrayList<>(refusedByDatabricks(bundle));
    List<String> own = BundleChecks.problems(bundle, JAR);
    problems.addAll(own);
    for (Map.Entry<String, Map<String, Object>> job : bundle.resources("jobs").entrySet()) {
      for (Object task : list(job.getValue().get("tasks"))) {
        Map<String, Object> jarTask = map(map(task).get("spark_jar_task"));
        // a reference that leads nowhere has been found already
        if (!jarTask.isEmpty() && own.isEmpty()) {
          problems.addAll(refusedByTheJob(bundle, job.getKey(), job.getValue(), jarTask));
        }
      }
    }
    return problems;
  }

  /** Starts the class as the platform would, but for its settings to be printed only. */
  private static List<String> refusedByTheJob(
      Bundle bundle, String key, Map<String, Object> job, Map<String, Object> jarTask)
      throws IOException, InterruptedException {
    Map<String, String> run = new LinkedHashMap<>(RUN);
    for (Object parameter : list(job.get("parameters"))) {
      run.put(
          "job.parameters." + map(parameter).get("name"),
          String.valueOf(map(parameter).get("default")));
    }
    List<String> parameters = new ArrayList<>();
    for (Object parameter : list(jarTask.get("parameters"))) {
      String text = String.valueOf(parameter);
      for (Map.Entry<String, String> value : run.entrySet()) {
        text = text.replace("{{" + value.getKey() + "}}", value.getValue());
      }
      parameters.add(text);
    }
    Command.Answer answer =
        JobStart.printed(
            String.valueOf(jarTask.get("main_class_name")),
            parameters,
            Map.of("DATABRICKS_RUNTIME_VERSION", "17.3"));
    return answer.code() == 0
        ? BundleChecks.strays(bundle, "jobs." + key, ConfigFactory.parseString(answer.out()))
        : List.of("jobs." + key + ": " + answer.err());
  }

  private static List<String> refusedByDatabricks(Bundle bundle)
      throws IOException, InterruptedException {
    Map<String, Object> resources = new LinkedHashMap<>();
    for (String kind :
        List.of("jobs", "experiments", "registered_models", "model_serving_endpoints")) {
      resources.put(kind, bundle.resources(kind));
    }
    Command.Answer answer =
        Command.run(
            List.of(
                Parser.ENVIRONMENT.resolve("bin/python").toString(),
                PYTHON.resolve("parse_bundle.py").toString()),
            Map.of(),
            JSON.writeValueAsString(resources));
    assertThat(answer.code()).as(answer.err()).isZero();
    JsonNode said = JSON.readTree(answer.out());
    List<String> problems = new ArrayList<>();
    said.get("problems").forEach(problem -> problems.add(problem.asText()));
    int all = resources.values().stream().mapToInt(kind -> map(kind).size()).sum();
    assertThat(said.get("parsed").asInt() + problems.size()).isEqualTo(all).isPositive();
    return problems;
  }

  /** The environment with Databricks' parser, made below target when it is first asked for. */
  private static final class Parser {

    static final Path ENVIRONMENT = made();

    private static Path made() {
      Path environment = Path.of("target", "databricks-bundles").toAbsolutePath();
      Path complete = environment.resolve("complete");
      try {
        Path lock = PYTHON.resolve("databricks-bundles.txt");
        if (Files.exists(complete) && Files.readString(complete).equals(Files.readString(lock))) {
          return environment;
        }
        String python = PythonEnv.venv().resolve("bin/python").toString();
        for (List<String> command :
            List.of(
                List.of(python, "-m", "venv", "--clear", environment.toString()),
                List.of(
                    environment.resolve("bin/python").toString(),
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-deps",
                    "--require-hashes",
                    "--requirement",
                    lock.toString()))) {
          Command.Answer answer = Command.run(command, Map.of(), "");
          assertThat(answer.code()).as(answer.err()).isZero();
        }
        Files.copy(lock, complete);
        return environment;
      } catch (IOException e) {
        throw new IllegalStateException("No environment for the bundle's parser", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
