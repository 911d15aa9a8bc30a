package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.databricks.StandInWorkspace;
import sparkmlflow.databricks.StandInWorkspace.Feature;
import testing.SparkTest;
import winequality.app.job.JobReport;
import winequality.app.job.SparkJob;

/**
 * The whole job against a stand-in workspace, once for each registry: trained, registered, given a
 * role, compared and scored. {@code WorkspaceRegistriesTest} combines every way to store a run's
 * files with every way to store a version's; {@code WorkspaceArtifactsTest} uploads in parts. The
 * requests of a job are in {@code target/stand-in-workspace/} afterwards.
 */
class WorkspaceTrainingIT extends SparkTest {

  private static final Path LOGS = Path.of("target", "stand-in-workspace");

  @TempDir Path folder;

  /** Each registry once; {@code WorkspaceRegistriesTest} covers the other ways to store files. */
  static Stream<Arguments> ways() {
    return Stream.of(
        Arguments.of("databricks", "AZURE_SAS_URI", List.of()),
        Arguments.of(
            "databricks-uc",
            "GCP_SIGNED_URL",
            List.of(Feature.FILES_API, Feature.MODELS_IN_FILES_API)));
  }

  /** In the older registry a version refers to its run's files; in the catalog it has a copy. */
  @ParameterizedTest
  @MethodSource("ways")
  void theJobRegistersTheGateComparesASecondVersionAndTheChampionScores(
      String registry, String kind, List<Feature> features) throws IOException {
    try (StandInWorkspace workspace =
        new StandInWorkspace(kind, features.toArray(new Feature[0]))) {
      // as the bundle's jobs do
      Map<String, String> login = StandInWorkspace.principal();
      boolean catalog = registry.equals("databricks-uc");
      String model = catalog ? "main.ml.wine" : "wine";
      JsonNode first = train(workspace, login, registry, model);
      write(registry, kind, workspace.asked(), workspace.askedOfStorage());
      assertFirstVersion(workspace, first, catalog);

      JsonNode second =
          run(
              new TrainingJob(),
              TrainingJob.class,
              workspace,
              login,
              registry,
              model,
              List.of("learning.reg-param=0.01"));
      assertThat(second.at("/model/version").asText()).isEqualTo("2");
      assertThat(second.at("/gate/champion").asText()).isEqualTo("1");
      assertThat(second.at("/gate/decision").asText()).isEqualTo("promoted");
      assertThat(workspace.role(model, catalog)).isEqualTo("2");
      if (catalog) {
        workspace.forgetRuns();
      }

      JsonNode scored =
          run(
              new BatchScoringJob(),
              BatchScoringJob.class,
              workspace,
              login,
              registry,
              model,
              List.of("scoring.source=" + folder.resolve("tables/wine")));
      assertThat(scored.at("/status").asText()).isEqualTo("scored");
      Dataset<Row> predictions =
          spark().read().format("delta").load(folder.resolve("tables/predictions").toString());
      assertThat(predictions.count()).isEqualTo(1599);
      assertThat(
              predictions.select("model_version").distinct().as(Encoders.STRING()).collectAsList())
          .containsExactly("2");
    }
  }

  private static void assertFirstVersion(
      StandInWorkspace workspace, JsonNode result, boolean catalog) {
    assertThat(result.at("/status").asText()).isEqualTo("registered");
    assertThat(result.at("/gate/decision").asText()).isEqualTo("promoted");
    assertThat(result.at("/model/version").asText()).isEqualTo("1");
    assertThat(result.at("/run_url").asText()).startsWith(workspace.uri() + "/#mlflow/");
    List<String> asked = workspace.asked();
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
    List<String> kept =
        workspace.paths().stream().filter(path -> path.startsWith("/Models/")).toList();
    if (catalog) {
      assertThat(kept)
          .hasSizeGreaterThanOrEqualTo(8)
          .allMatch(path -> path.startsWith("/Models/main/ml/wine/1/"));
    } else {
      assertThat(kept).isEmpty();
    }
    assertThat(workspace.storageRequests())
        .allSatisfy(
            request -> {
              assertThat(request.header("Authorization")).isEmpty();
              assertThat(request.headers().toString()).doesNotContain(TestSettings.TOKEN);
            });
    assertThat(lastUpdateOfARun(workspace)).contains("FINISHED");
  }

  private static String lastUpdateOfARun(StandInWorkspace workspace) {
    List<String> updates =
        workspace.requests().stream()
            .filter(request -> request.path().endsWith("runs/update"))
            .map(ScriptedServer.Request::body)
            .toList();
    return updates.get(updates.size() - 1);
  }

  @Test
  void anExperimentBelowAFolderThatThereIsNotIsRefusedBeforeAnythingElseIsDone() {
    try (StandInWorkspace workspace = new StandInWorkspace("AZURE_SAS_URI")) {
      assertThatThrownBy(
              () ->
                  run(
                      new TrainingJob(),
                      TrainingJob.class,
                      workspace,
                      StandInWorkspace.person(),
                      "databricks",
                      "wine",
                      List.of("mlflow.experiment-name=/Nowhere/wine")))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("/Nowhere/wine")
          .hasMessageContaining("Workspace directory '/Nowhere' not found");
      assertThat(folder.resolve("tables")).doesNotExist();
    }
  }

  private static void write(
      String registry, String kind, List<String> asked, List<String> ofStorage) throws IOException {
    Files.createDirectories(LOGS);
    Files.write(
        LOGS.resolve("%s-%s.log".formatted(registry, kind)),
        Stream.of(
                asked.stream(),
                Stream.of("", "and of the storage, with signed addresses:"),
                ofStorage.stream())
            .flatMap(lines -> lines)
            .toList());
  }

  /** {@code EXECUTE} suffices to score; without ownership no version is made. */
  @Test
  void whoMayOnlyReadScoresAndIsRefusedAVersion() throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("AWS_PRESIGNED_URL")) {
      String model = "main.ml.wine";
      train(workspace, StandInWorkspace.person(), "databricks-uc", model);
      JsonNode scored =
          run(
              new BatchScoringJob(),
              BatchScoringJob.class,
              workspace,
              StandInWorkspace.reader(),
              "databricks-uc",
              model,
              List.of("scoring.source=" + folder.resolve("tables/wine")));
      assertThat(scored.at("/status").asText()).isEqualTo("scored");
      assertThatThrownBy(() -> train(workspace, StandInWorkspace.reader(), "databricks-uc", model))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("not an owner of Model")
          .hasMessageContaining("ask for the permission");
      assertThat(workspace.versions(model)).isEqualTo(1);
      assertThat(workspace.role(model, true)).isEqualTo("1");
      assertThat(lastUpdateOfARun(workspace)).contains("FAILED");
    }
  }

  private JsonNode train(
      StandInWorkspace workspace, Map<String, String> login, String registry, String model)
      throws IOException {
    return run(new TrainingJob(), TrainingJob.class, workspace, login, registry, model, List.of());
  }

  private JsonNode run(
      SparkJob job,
      Class<?> main,
      StandInWorkspace workspace,
      Map<String, String> login,
      String registry,
      String model,
      List<String> more)
      throws IOException {
    List<String> texts =
        new ArrayList<>(
            List.of(
                "mlflow.tracking-uri=databricks",
                "mlflow.registry-uri=" + registry,
                "mlflow.experiment-name=/Shared/wine",
                "registry.model-name=" + model,
                "data.table=" + folder.resolve("tables/wine"),
                "data.quarantine-table=" + folder.resolve("tables/quarantine"),
                "data.files-table=" + folder.resolve("tables/files"),
                "data.profile-table=" + folder.resolve("tables/profiles"),
                "scoring.table=" + folder.resolve("tables/predictions"),
                "scoring.rejected-table=" + folder.resolve("tables/rejected"),
                "mlflow.outbox-dir=" + folder.resolve("outbox")));
    texts.addAll(more);
    Map<String, String> environment = new HashMap<>(login);
    environment.put("DATABRICKS_HOST", workspace.uri().toString());
    JobReport report = new JobReport();
    JobRuns.run(job, main, spark(), report, JobRuns.settings(texts, environment));
    return JobRuns.json(report, folder);
  }
}
