package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import winequality.SparkTest;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.config.SettingsSource.Assignment;
import winequality.mlflow.ScriptedServer;
import winequality.mlflow.StandInWorkspace;
import winequality.mlflow.StandInWorkspace.Feature;
import winequality.mlflow.TestSettings;

/**
 * The whole job against a stand-in workspace: trained, registered and with its role, in both
 * registries, over every way of files. What was asked stands in {@code target/stand-in-workspace/}
 * afterwards.
 */
class WorkspaceTrainingIT extends SparkTest {

  private static final Path LOGS = Path.of("target", "stand-in-workspace");
  private static final List<String> KINDS =
      List.of("AWS_PRESIGNED_URL", "GCP_SIGNED_URL", "AZURE_SAS_URI", "AZURE_ADLS_GEN2_SAS_URI");

  @TempDir Path folder;

  static Stream<Arguments> ways() {
    List<Arguments> ways = new ArrayList<>();
    ways.add(Arguments.of("databricks", "GCP_SIGNED_URL", List.of(Feature.FILES_API)));
    for (String kind : KINDS) {
      ways.add(Arguments.of("databricks", kind, List.of()));
    }
    ways.add(
        Arguments.of(
            "databricks-uc",
            "GCP_SIGNED_URL",
            List.of(Feature.FILES_API, Feature.MODELS_IN_FILES_API)));
    ways.add(Arguments.of("databricks-uc", KINDS.get(0), List.of(Feature.MODELS_IN_FILES_API)));
    ways.add(Arguments.of("databricks-uc", KINDS.get(1), List.of(Feature.DEFAULT_STORAGE)));
    ways.add(Arguments.of("databricks-uc", KINDS.get(2), List.of()));
    ways.add(Arguments.of("databricks-uc", KINDS.get(3), List.of()));
    return ways.stream();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void theJobTrainsRegistersAndPlacesItsVersion(
      String registry, String kind, List<Feature> features) throws IOException {
    try (StandInWorkspace workspace =
        new StandInWorkspace(kind, features.toArray(new Feature[0]))) {
      boolean catalog = registry.equals("databricks-uc");
      String model = catalog ? "main.ml.wine" : "wine";
      JsonNode result = train(workspace, registry, model);
      List<String> asked = workspace.asked();
      write(registry, kind, features, asked);

      assertThat(result.at("/status").asText()).isEqualTo("registered");
      assertThat(result.at("/model/version").asText()).isEqualTo("1");
      assertThat(result.at("/run_url").asText()).startsWith(workspace.uri() + "/#mlflow/");
      String call = "/api/2.0/mlflow/" + (catalog ? "unity-catalog/" : "");
      if (catalog) {
        assertThat(result.at("/model/aliases/0").asText()).isEqualTo("challenger");
        assertThat(asked)
            .containsSubsequence(
                "POST " + call + "model-versions/create",
                "POST " + call + "model-versions/finalize",
                "POST " + call + "registered-models/alias");
      } else {
        assertThat(asked)
            .containsSubsequence(
                "POST " + call + "model-versions/create",
                "POST " + call + "model-versions/transition-stage")
            .noneMatch(line -> line.contains("alias"));
      }
      assertThat(workspace.paths()).anyMatch(path -> path.endsWith("/artifacts/model/MLmodel"));
      assertThat(
              workspace.paths().stream().filter(path -> path.startsWith("/Models/main/ml/wine/1")))
          .hasSizeGreaterThanOrEqualTo(catalog ? 8 : 0);
      assertThat(workspace.storageRequests())
          .allSatisfy(
              request -> {
                assertThat(request.header("Authorization")).isEmpty();
                assertThat(request.headers().toString()).doesNotContain(TestSettings.TOKEN);
              });
      assertThat(
              workspace.requests().stream()
                  .filter(request -> request.path().endsWith("runs/update"))
                  .map(ScriptedServer.Request::body))
          .last()
          .asString()
          .contains("FINISHED");
    }
  }

  private static void write(
      String registry, String kind, List<Feature> features, List<String> asked) throws IOException {
    Files.createDirectories(LOGS);
    Files.write(
        LOGS.resolve(
            "%s-%s%s.log"
                .formatted(
                    registry, kind, String.join("", features.stream().map(f -> "-" + f).toList()))),
        asked);
  }

  private JsonNode train(StandInWorkspace workspace, String registry, String model)
      throws IOException {
    List<Assignment> assignments = new ArrayList<>();
    for (String text :
        List.of(
            "mlflow.tracking-uri=databricks",
            "mlflow.registry-uri=" + registry,
            "mlflow.experiment-name=/Shared/wine",
            "registry.model-name=" + model,
            "data.table=" + folder.resolve("tables/wine"),
            "data.quarantine-table=" + folder.resolve("tables/quarantine"),
            "data.profile-table=" + folder.resolve("tables/profiles"))) {
      int equals = text.indexOf('=');
      assignments.add(
          new Assignment("--set " + text, text.substring(0, equals), text.substring(equals + 1)));
    }
    Settings settings =
        new SettingsLoader()
            .load(
                new SettingsSource(
                    Optional.empty(),
                    assignments,
                    Map.of(
                        "DATABRICKS_HOST",
                        workspace.uri().toString(),
                        "DATABRICKS_TOKEN",
                        TestSettings.TOKEN)));
    JobReport report = new JobReport();
    try (StageMeter meter = new StageMeter(spark())) {
      report.ended(
          TrainingJob.job()
              .run(
                  new JobContext(
                      settings,
                      spark(),
                      meter,
                      report,
                      Clock.systemUTC(),
                      UUID.randomUUID().toString(),
                      TrainingJob.class.getName())));
    }
    Path file = folder.resolve("result.json");
    report.write(file);
    return new ObjectMapper().readTree(Files.readAllBytes(file));
  }
}
