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
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import testing.PythonEnv;

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

  /**
   * What the commands of docs/databricks.md give for a target; the rest has to stand in the bundle.
   */
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
      Map.of("{{job.id}}", "123", "{{job.run_id}}", "456", "{{workspace.id}}", "678");

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
                          .containsKeys("train", "retrain", "publish", "approve", "score");
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
        .containsEntry("entity_name", Bundle.fullName(model));
  }

  /** One mistake each, in a bundle that is in order otherwise, and what has to be said of it. */
  @TestFactory
  Stream<DynamicTest> aPlantedMistakeIsFound() {
    return Stream.of(
        // what Databricks' parser sees
        planted("max_retry", b -> task(b).put("max_retry", 2)),
        // references
        planted("job_cluster_key is sparks", b -> task(b).put("job_cluster_key", "sparks")),
        planted("job_cluster_key is null", b -> task(b).remove("job_cluster_key")),
        planted(
            "task_key is ingest",
            b -> task(b).put("depends_on", List.of(Map.of("task_key", "ingest")))),
        planted(
            "uses the job parameters [alpha, lambda, sorce, source] and declares [alpha, lambda,"
                + " source]",
            b -> set(b, "data.source={{job.parameters.sorce}}")),
        planted("a run has no value {{job.runid}}", b -> set(b, "mlflow.run-name={{job.runid}}")),
        planted("${var.katalog} has no value", b -> set(b, "data.table=${var.katalog}.wine.wine")),
        planted(
            "${workspace.host} has no value",
            b -> set(b, "caller.workspace-url=${workspace.host}")),
        // schedules
        planted("is not a cron expression", b -> schedule(b, "0 5 * * *", "Europe/Lisbon")),
        planted("never fires again", b -> schedule(b, "0 0 5 1 1 ? 2020", "Europe/Lisbon")),
        planted("no time zone Europe/Lisboa", b -> schedule(b, "0 0 5 * * ?", "Europe/Lisboa")),
        // the jar, its classes and their parameters
        planted(
            "is not the jar that Maven builds",
            b -> task(b).put("libraries", List.of(Map.of("jar", "../../target/wine-1.0.jar")))),
        planted("no artifact of the bundle uploads", b -> b.raw("artifacts").clear()),
        planted("is a JAR task without a jar", b -> task(b).remove("libraries")),
        planted(
            "the jar has no class winequality.app.TrainJob",
            b -> jarTask(b).put("main_class_name", "winequality.app.TrainJob")),
        planted("Unknown option: '--learning-rate=1'", b -> parameters(b).add("--learning-rate=1")),
        planted(
            "unknown key \"data.sorce\"; did you mean \"data.source\"?",
            b -> set(b, "data.sorce=x")),
        // paths and names
        planted("is not in the volume", b -> set(b, "data.source=/Volumes/main/wine/files/x")),
        planted(
            "could replace the jar in it",
            b ->
                b.raw("targets.prod.workspace")
                    .put(
                        "artifact_path",
                        "/Volumes/${var.catalog}/${var.schema}/${var.volume}/jars")),
        planted(
            "data.files-table is main.wine.files, which is not in wine_prod.wine.",
            b -> set(b, "data.files-table=main.wine.files")),
        planted(
            "makes no registered model main.wine.wine",
            b -> set(b, "registry.model-name=main.wine.wine")),
        planted(
            "makes no experiment /Shared/wine", b -> set(b, "mlflow.experiment-name=/Shared/wine")),
        // the deployment job
        planted(
            "waits for the tag approval_wine_quality, but Approve sets approval_2",
            b -> approval(b).put("task_key", "approval_2")),
        planted(
            "its name does not begin with approval",
            b -> approval(b).put("task_key", "deployment")),
        planted(
            "has the parameters model_name and model_version, not [model_name, version]",
            b ->
                map(list(b.raw("resources.jobs.approve").get("parameters")).get(1))
                    .put("name", "version")),
        planted(
            "there is no file ./register.py",
            b ->
                map(map(list(b.raw("resources.jobs.train_and_register_in_python").get("tasks"))
                            .get(1))
                        .get("spark_python_task"))
                    .put("python_file", "./register.py")));
  }

  private static DynamicTest planted(String said, Consumer<Bundle> plant) {
    return DynamicTest.dynamicTest(
        said,
        () -> {
          Bundle bundle = Bundle.read(FOLDER, "prod", PRODUCTION);
          // copied, so that other jobs keep what they share with this one by an alias
          job(bundle).putAll(map(JSON.readValue(JSON.writeValueAsBytes(job(bundle)), Map.class)));
          plant.accept(bundle);
          assertThat(problems(bundle)).anyMatch(problem -> problem.contains(said));
        });
  }

  private static Map<String, Object> job(Bundle bundle) {
    return bundle.raw("resources.jobs.train");
  }

  private static Map<String, Object> task(Bundle bundle) {
    return map(list(job(bundle).get("tasks")).get(0));
  }

  private static Map<String, Object> approval(Bundle bundle) {
    return map(list(bundle.raw("resources.jobs.approve").get("tasks")).get(0));
  }

  private static Map<String, Object> jarTask(Bundle bundle) {
    return map(task(bundle).get("spark_jar_task"));
  }

  @SuppressWarnings("unchecked")
  private static List<Object> parameters(Bundle bundle) {
    return (List<Object>) jarTask(bundle).get("parameters");
  }

  private static void set(Bundle bundle, String assignment) {
    parameters(bundle).addAll(List.of("--set", assignment));
  }

  private static void schedule(Bundle bundle, String cron, String zone) {
    job(bundle).put("schedule", Map.of("quartz_cron_expression", cron, "timezone_id", zone));
  }

  /** What is wrong: names and paths first, then what the parser refuses, then what a job does. */
  private static List<String> problems(Bundle bundle) throws IOException, InterruptedException {
    List<String> problems = BundleChecks.problems(bundle, JAR);
    if (problems.isEmpty()) {
      problems.addAll(refusedByDatabricks(bundle));
    }
    if (problems.isEmpty()) {
      for (Map.Entry<String, Map<String, Object>> job : bundle.resources("jobs").entrySet()) {
        for (Object task : list(job.getValue().get("tasks"))) {
          Map<String, Object> jarTask = map(map(task).get("spark_jar_task"));
          if (!jarTask.isEmpty()) {
            problems.addAll(refusedByTheJob(bundle, job.getKey(), job.getValue(), jarTask));
          }
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
    run.putAll(BundleChecks.defaults(job));
    List<String> parameters = new ArrayList<>();
    for (Object parameter : list(jarTask.get("parameters"))) {
      String text = String.valueOf(parameter);
      for (Map.Entry<String, String> value : run.entrySet()) {
        text = text.replace(value.getKey(), value.getValue());
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
    for (String kind : BundleChecks.KINDS) {
      resources.put(kind, bundle.resources(kind));
    }
    String python = PythonEnv.venv().resolve("bin/python").toString();
    Command.Answer answer =
        Command.run(
            List.of(python, PYTHON.resolve("parse_bundle.py").toString()),
            Map.of("PYTHONPATH", parser(python).toString()),
            JSON.writeValueAsString(resources));
    assertThat(answer.code()).as(answer.err()).isZero();
    JsonNode said = JSON.readTree(answer.out());
    List<String> problems = new ArrayList<>();
    said.get("problems").forEach(problem -> problems.add(problem.asText()));
    int all = resources.values().stream().mapToInt(kind -> map(kind).size()).sum();
    assertThat(said.get("parsed").asInt() + problems.size()).isEqualTo(all).isPositive();
    return problems;
  }

  /** The folder with Databricks' parser, filled when it is first asked for. */
  private static Path parser(String python) throws IOException, InterruptedException {
    Path packages = Path.of("target", "databricks-bundles").toAbsolutePath();
    Path complete = packages.resolve("complete");
    Path lock = PYTHON.resolve("databricks-bundles.txt");
    if (!Files.exists(complete) || !Files.readString(complete).equals(Files.readString(lock))) {
      List<String> install =
          List.of(
              python,
              "-m",
              "pip",
              "install",
              "--quiet",
              "--disable-pip-version-check",
              "--upgrade",
              "--no-deps",
              "--require-hashes",
              "--requirement=" + lock,
              "--target=" + packages);
      Command.Answer answer = Command.run(install, Map.of(), "");
      assertThat(answer.code()).as(answer.err()).isZero();
      Files.copy(lock, complete, StandardCopyOption.REPLACE_EXISTING);
    }
    return packages;
  }
}
