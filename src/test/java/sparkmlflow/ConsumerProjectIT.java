package sparkmlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.apache.commons.io.FileUtils;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.api.proto.Service;
import org.mlflow.tracking.MlflowClient;
import testing.MlflowServer;

/** A stranger's Maven project that has the installed library and Spark as its only dependencies. */
class ConsumerProjectIT {

  /** docs/own-pipeline.md shows it. */
  private static final Path PROJECT = Path.of("src/test/resources/consumer");

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();

  @Test
  void itRegistersAForestAndReloadsItWithTheInstalledLibrary() throws Exception {
    Path project = folder.resolve("project");
    FileUtils.copyDirectory(PROJECT.toFile(), project.toFile());
    Path classPath = project.resolve("class-path");
    maven("install:install-file@sparkmlflow"); // the execution that "mvn install" runs
    maven(
        "-f",
        project.toString(),
        "compile",
        "dependency:build-classpath",
        "-Dmdep.outputFile=" + classPath);
    String experiment = "consumer " + UUID.randomUUID();

    String printed =
        forest(
            project.resolve("target/classes") + File.pathSeparator + Files.readString(classPath),
            experiment);

    System.out.println(printed);
    assertThat(printed)
        .containsPattern(
            "/models/forest/versions/[0-9]+\\S* has an RMSE of 0\\.[45][0-9]+ on 1599 rows")
        .contains("\n0 predictions differ after reloading");
    try (MlflowClient mlflow = new MlflowClient(server.uri().toString())) {
      List<Service.RunInfo> runs =
          mlflow.listRunInfos(
              mlflow.getExperimentByName(experiment).orElseThrow().getExperimentId());
      assertThat(runs).extracting(run -> run.getStatus().name()).containsExactly("FINISHED");
      JsonNode challenger =
          new ObjectMapper()
              .readTree(mlflow.sendGet("registered-models/alias?name=forest&alias=challenger"));
      assertThat(challenger.at("/model_version/run_id").asText()).isEqualTo(runs.get(0).getRunId());
    }
  }

  /** Runs the Maven of this build, with its local repository. */
  private void maven(String... arguments) throws Exception {
    assumeTrue(ToolProvider.getSystemJavaCompiler() != null, "this Java has no compiler");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("maven.home"), "bin", "mvn").toString());
    command.addAll(List.of("-B", "-ntp", "-q"));
    command.add("-Dmaven.repo.local=" + System.getProperty("maven.repo.local"));
    command.addAll(List.of(arguments));
    run(command, Map.of());
  }

  private String forest(String classPath, String experiment) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx1g"));
    command.addAll(List.of("-Dspark.master=local[2]", "-Dspark.ui.enabled=false"));
    command.addAll(List.of("-cp", classPath, "forest.Forest", "data/winequality-red.csv"));
    return run(
        command,
        Map.of(
            "MLFLOW_TRACKING_URI", server.uri().toString(), "MLFLOW_EXPERIMENT_NAME", experiment));
  }

  /** Gives what a program prints; it sees no other settings of MLflow or Databricks than these. */
  private String run(List<String> command, Map<String, String> environment) throws Exception {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Path errors = Files.createTempFile(folder, "errors", ".txt");
    ProcessBuilder program =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    program.environment().keySet().removeIf(name -> name.matches("(MLFLOW|DATABRICKS)_.*"));
    program.environment().putAll(environment);
    Process process = program.start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("%s ends", command).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue())
        .as("%s%n%s%s", command, Files.readString(output), Files.readString(errors))
        .isZero();
    return Files.readString(output);
  }
}
