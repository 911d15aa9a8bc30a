package winequality.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.tracking.MlflowClient;
import org.yaml.snakeyaml.Yaml;
import testing.MlflowServer;
import testing.PythonEnv;

/** The project as MLflow runs it: {@code mlflow run .}. */
class MlprojectIT {

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final MlflowClient mlflow = new MlflowClient(server.uri().toString());

  @Test
  void mlflowRunFillsTheRunThatItOpens() throws Exception {
    String experiment = mlflow.createExperiment("project " + UUID.randomUUID());
    Path bin = PythonEnv.venv().resolve("bin");
    Path log = folder.resolve("mlflow-run.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                bin.resolve("mlflow").toString(),
                "run",
                ".",
                "-P",
                "alpha=0.25",
                "-P",
                "lambda=0.01",
                "--env-manager",
                "local",
                "--experiment-id",
                experiment)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> variables = builder.environment();
    variables.keySet().removeIf(name -> name.matches("(MLFLOW|WINE|SPARK)_.*"));
    variables.put("MLFLOW_TRACKING_URI", server.uri().toString());
    variables.put("WINE_VENV", PythonEnv.venv().toString());
    variables.put("WINE_STATE", folder.resolve("state").toString());
    variables.put("SPARK_SUBMIT_OPTS", PythonEnv.SHORT_LIVED);
    variables.put("JAVA_HOME", System.getProperty("java.home"));
    variables.merge("PATH", bin.toString(), (path, own) -> own + ":" + path);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ended in time").isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }

    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    var runs = mlflow.listRunInfos(experiment);
    assertThat(runs).hasSize(1);
    var run = mlflow.getRun(runs.get(0).getRunId());
    assertThat(run.getInfo().getStatus().name()).isEqualTo("FINISHED");
    Map<String, String> params = new HashMap<>();
    run.getData().getParamsList().forEach(param -> params.put(param.getKey(), param.getValue()));
    assertThat(params)
        .containsEntry("alpha", "0.25")
        .containsEntry("lambda", "0.01")
        .containsEntry("regParam", "0.01");
    Map<String, String> tags = new HashMap<>();
    run.getData().getTagsList().forEach(tag -> tags.put(tag.getKey(), tag.getValue()));
    assertThat(tags)
        .containsEntry("mlflow.source.type", "PROJECT")
        .containsEntry("mlflow.project.entryPoint", "main")
        .containsEntry("winequality.main_class", "winequality.app.TrainingJob");
    assertThat(run.getData().getMetricsList())
        .extracting(metric -> metric.getKey())
        .contains("rmse", "mae", "r2");
    assertThat(mlflow.sendGet("artifacts/list?run_id=" + run.getInfo().getRunId()))
        .contains("\"model\"");
  }

  @Test
  @SuppressWarnings("unchecked") // YAML maps have text keys in this file
  void itsDefaultsAreThoseOfTheReference() throws Exception {
    Map<String, Object> project =
        new Yaml().<Map<String, Object>>load(Files.readString(Path.of("MLproject")));
    Map<String, Object> entryPoints = (Map<String, Object>) project.get("entry_points");
    Map<String, Object> main = (Map<String, Object>) entryPoints.get("main");
    Map<String, Map<String, Object>> parameters =
        (Map<String, Map<String, Object>>) main.get("parameters");
    Config reference = ConfigFactory.parseResources("winequality/conf/reference.conf").resolve();

    assertThat(parameters.keySet()).isEqualTo(Set.of("alpha", "lambda"));
    assertThat(parameters.get("alpha").get("default"))
        .isEqualTo(reference.getDouble("learning.elastic-net-param"));
    assertThat(parameters.get("lambda").get("default"))
        .isEqualTo(reference.getDouble("learning.reg-param"));
  }
}
