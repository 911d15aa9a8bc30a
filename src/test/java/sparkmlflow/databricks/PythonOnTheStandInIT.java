package sparkmlflow.databricks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowSettings;
import sparkmlflow.PipelineLog;
import sparkmlflow.TestSettings;
import sparkmlflow.databricks.StandInWorkspace.Feature;
import sparkmlflow.model.FittedModel;
import sparkmlflow.registry.RegisteredVersion;
import testing.PythonEnv;
import testing.SparkTest;

/**
 * Holds the stand-in workspace to a client that nobody here wrote, and our calls to that client's:
 * MLflow's Python takes a model from an experiment to its champion, our classes do the same, and
 * what both asked is compared. The comparison is printed and is in {@code
 * target/stand-in-workspace/python-and-java.txt} afterwards.
 */
class PythonOnTheStandInIT extends SparkTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path SCRIPT = Path.of("src/test/resources/python/champion.py");
  private static final Path RECORD = Path.of("target/stand-in-workspace/python-and-java.txt");
  private static final String MODEL = "main.ml.doubling";

  /** Every difference, and why it is right. Anything else fails. */
  private static final String REASONS =
      """
      only Python: GET /.well-known/databricks-config | Databricks' SDK looks up how the host logs clients in; our login with a token asks nothing
      only Python: GET mlflow/experiments/get | set_experiment reads what it made; we use the id in the answer
      only Python: POST mlflow/runs/create, user_id | deprecated; both send the tag mlflow.user
      only Python: GET mlflow/runs/get, run_uuid | the old name of run_id
      only Python: POST mlflow/runs/update, run_uuid | the old name of run_id
      only Python: POST mlflow/logged-models | MLflow 3 keeps the model beside the run, as a logged model; ours is the run's, for older servers
      only Python: GET mlflow/logged-models/ID | MLflow 3 keeps the model beside the run, as a logged model; ours is the run's, for older servers
      only Python: PATCH mlflow/logged-models/ID | MLflow 3 keeps the model beside the run, as a logged model; ours is the run's, for older servers
      only Python: PATCH mlflow/logged-models/ID/tags | MLflow 3 keeps the model beside the run, as a logged model; ours is the run's, for older servers
      only Python: POST mlflow/runs/outputs | MLflow 3 keeps the model beside the run, as a logged model; ours is the run's, for older servers
      only Python: GET mlflow/metrics/get-history | copies the run's metrics to the logged model
      only Python: POST mlflow/unity-catalog/model-versions/create, model_id | MLflow 3 keeps the model beside the run, as a logged model; ours is the run's, for older servers
      only Python: PUT fs/files/WorkspaceInternal/Mlflow/Artifacts/EXPERIMENT/LoggedModels/ID/FILE | MLflow 3 keeps the model beside the run, as a logged model; ours is the run's, for older servers
      only Python: HEAD fs/directories/WorkspaceInternal/Mlflow/Artifacts/EXPERIMENT/LoggedModels/ID | downloads the logged model to register it; we still have the folder
      only Python: GET fs/directories/WorkspaceInternal/Mlflow/Artifacts/EXPERIMENT/LoggedModels/ID | downloads the logged model to register it; we still have the folder
      only Python: GET fs/files/WorkspaceInternal/Mlflow/Artifacts/EXPERIMENT/LoggedModels/ID/FILE | downloads the logged model to register it; we still have the folder
      only Python: POST fs/create-download-url | the SDK asks for a signed address first and reads the file itself after the refusal; we read the file itself
      only Python: HEAD fs/directories/Models/MODEL/VERSION | asks of each path whether it is a folder; we take that from the listing of its parent
      only Python: GET mlflow/unity-catalog/registered-models/alias | we read all aliases of the model at once, because the gate needs the three roles together
      only Python: POST mlflow/unity-catalog/model-versions/emit-lineage | for the catalog's lineage page; MLflow goes on if it fails
      only Java: PUT fs/files/WorkspaceInternal/Mlflow/Artifacts/EXPERIMENT/Runs/ID/FILE | MLflow 3 keeps the model beside the run, as a logged model; ours is the run's, for older servers
      only Java: GET mlflow/artifacts/list | we check that every file of the run arrived
      only Java: POST mlflow/runs/log-model | tells the run's page about the model, as MLflow 2 does
      only Java: POST mlflow/runs/search | we end the runs of jobs that were killed
      only Java: POST mlflow/unity-catalog/model-versions/create, description | our version links to its run
      only Java: POST mlflow/unity-catalog/model-versions/create, tags | our version has the digest of its files
      only Java: GET mlflow/unity-catalog/model-versions/search | a repeated job finds the version that it already made
      only Java: GET mlflow/unity-catalog/model-versions/get | we look up where the version is stored, and its digest before it is loaded
      """;

  @Test
  void pythonTakesAModelToItsChampionAndAsksWhatWeAskButForKnownDifferences() throws IOException {
    AskedCalls python;
    AskedCalls java;
    try (StandInWorkspace workspace = workspace()) {
      JsonNode champion = python(workspace, "/Shared/wine");
      assertThat(champion.toString())
          .isEqualTo(
              "{\"version\":\"1\",\"status\":\"READY\",\"aliases\":[\"champion\"],"
                  + "\"predictions\":[2.0,4.0,6.0],\"missing\":\"RESOURCE_DOES_NOT_EXIST\"}");
      python = AskedCalls.of("Python", workspace.requests());
    }
    try (StandInWorkspace workspace = workspace()) {
      MlflowSettings settings =
          TestSettings.workspace("databricks", "databricks-uc", workspace.login());
      assertDoubles(inJava(settings));
      java = AskedCalls.of("Java", workspace.requests());

      // and the other way round: Python loads our champion
      JsonNode champion = python(workspace);
      assertThat(champion.at("/aliases").toString()).contains("champion");
      assertDoubles(
          List.of(
              champion.at("/predictions/0").asDouble(),
              champion.at("/predictions/1").asDouble(),
              champion.at("/predictions/2").asDouble()));
    }
    String record = python.table(java) + "\n" + reasons(python, java);
    Files.createDirectories(RECORD.getParent());
    Files.writeString(RECORD, record);
    System.out.print(record);
    assertThat(python.differences(java)).containsExactlyInAnyOrderElementsOf(reasons().keySet());
  }

  private static StandInWorkspace workspace() {
    return new StandInWorkspace(
        "AWS_PRESIGNED_URL", Feature.FILES_API, Feature.MODELS_IN_FILES_API);
  }

  private static JsonNode python(StandInWorkspace workspace, String... experiment)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of(workspace.uri().toString(), TestSettings.TOKEN, MODEL));
    arguments.addAll(List.of(experiment));
    String printed = PythonEnv.run(SCRIPT, Duration.ofMinutes(5), arguments.toArray(String[]::new));
    return JSON.readTree(printed.lines().reduce((a, b) -> b).orElseThrow());
  }

  private List<Double> inJava(MlflowSettings settings) {
    Dataset<Row> rows = spark().range(1, 4).select(functions.col("id").cast("double").as("x"));
    PipelineModel pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new VectorAssembler().setInputCols(new String[] {"x"}).setOutputCol("features"),
                  new LinearRegression().setLabelCol("y").setSolver("normal")
                })
            .fit(rows.withColumn("y", functions.col("x").multiply(2)));
    try (PipelineLog log = PipelineLog.open(spark(), settings);
        MlflowConnection connection = MlflowConnection.open(settings)) {
      RegisteredVersion version =
          log.register(
              FittedModel.of(pipeline, rows),
              MODEL,
              run -> {
                run.params(Map.of("factor", "2"));
                run.metrics(Map.of("rmse", 0.0));
                run.tags(Map.of("team", "wine"));
              });
      connection.registry().setAlias(MODEL, "champion", version.version());
      return log.load(MODEL, "champion").predict(rows, "p").orderBy("x").collectAsList().stream()
          .map(row -> row.<Double>getAs("p"))
          .toList();
    }
  }

  private static void assertDoubles(List<Double> predictions) {
    assertThat(predictions).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(predictions.get(i)).isCloseTo(2.0 * (i + 1), within(1e-9));
    }
  }

  private static Map<String, String> reasons() {
    Map<String, String> reasons = new LinkedHashMap<>();
    for (String line : REASONS.lines().toList()) {
      int bar = line.indexOf(" | ");
      reasons.put(line.substring(0, bar), line.substring(bar + 3));
    }
    return reasons;
  }

  private static String reasons(AskedCalls python, AskedCalls java) {
    StringBuilder text = new StringBuilder();
    python
        .differences(java)
        .forEach(
            difference ->
                text.append(difference)
                    .append("\n    ")
                    .append(reasons().getOrDefault(difference, "NOT KNOWN"))
                    .append("\n"));
    return text.toString();
  }
}
