package sparkmlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.RandomForestRegressor;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.mlflow.tracking.MlflowClient;
import sparkmlflow.model.FittedModel;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.tracking.LoggedModels;
import testing.MlflowServer;
import testing.PythonEnv;
import testing.ServerKind;
import testing.SparkTest;

/** Logs a random forest with the public classes and loads it with MLflow's Python. */
@ParameterizedClass
@MethodSource("testing.ServerKind#eachVersion")
class PipelineLogIT extends SparkTest {

  private static final Path DATA = Path.of("data/winequality-red.csv");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private final MlflowServer server;
  private final MlflowClient mlflow;
  private final String name = "forest-" + UUID.randomUUID();
  private final MlflowSettings settings;

  PipelineLogIT(ServerKind kind) {
    server = MlflowServer.of(kind);
    mlflow = new MlflowClient(server.uri().toString());
    settings = MlflowSettings.of(server.uri().toString(), "library " + UUID.randomUUID());
  }

  @Test
  @Tag("server-versions")
  void aForestIsRegisteredForSparkOnlyAndPredictsInPython() throws Exception {
    Dataset<Row> wines = wines();
    Dataset<Row> features = wines.drop("quality");
    PipelineModel pipeline = forest(wines);

    RegisteredVersion version;
    try (PipelineLog log = PipelineLog.open(spark(), settings)) {
      version =
          log.register(
              FittedModel.of(pipeline, features),
              name,
              run -> {
                run.params(Map.of("trees", "5"));
                run.metrics(Map.of("rmse", 0.5));
              });
      assertThat(log.load(name, "challenger").pipeline().uid()).isEqualTo(pipeline.uid());
      assertThatThrownBy(() -> log.load(name, "2"))
          .isInstanceOf(MlflowException.class)
          .hasMessageStartingWith(
              "Could not load version 2 of " + name + ": there is no such version.");
    }

    assertThat(version.version()).isEqualTo("1");
    assertThat(version.aliases()).containsExactly("challenger");
    JsonNode stored =
        JSON.readTree(mlflow.sendGet("model-versions/get?version=1&name=" + name))
            .get("model_version");
    var run = mlflow.getRun(stored.get("run_id").asText());
    assertThat(run.getInfo().getStatus().name()).isEqualTo("FINISHED");
    assertThat(run.getData().getParams(0).getKey()).isEqualTo("trees");
    assertThat(run.getData().getMetrics(0).getKey()).isEqualTo("rmse");
    assertThat(mlflow.sendGet("artifacts/list?path=model&run_id=" + run.getInfo().getRunId()))
        .contains("model/MLmodel", "model/sparkml")
        .doesNotContain("model.onnx");

    List<Row> rows = features.limit(200).collectAsList();
    List<Double> expected =
        pipeline
            .transform(spark().createDataFrame(rows, features.schema()))
            .select("prediction")
            .collectAsList()
            .stream()
            .map(row -> row.getDouble(0))
            .toList();
    JsonNode python = inPython(features.columns(), rows);
    for (String way : List.of("spark", "pyfunc")) {
      List<Double> predicted = new ArrayList<>();
      python.get(way).forEach(value -> predicted.add(value.asDouble()));
      // the same Spark evaluates the same trees
      assertThat(predicted).as(way).isEqualTo(expected);
    }
    assertThat(python.get("onnx").isNull()).isTrue();
    assertThat(python.at("/refusals/missing column").asText()).contains("Model is missing inputs");
    if (LoggedModels.idIn(stored.get("source").asText()).isPresent()) {
      pythonsVersionIsAsOurs(stored);
    }
  }

  /** One that MLflow's Python makes of the same logged model, and that is loaded from there too. */
  private void pythonsVersionIsAsOurs(JsonNode ours) throws Exception {
    String source = ours.get("source").asText();
    String another = name + "-python";
    PythonEnv.run(
        Path.of("src/test/resources/python/register_model.py"),
        Duration.ofMinutes(2),
        server.uri().toString(),
        source,
        another);
    JsonNode theirs =
        JSON.readTree(mlflow.sendGet("model-versions/get?version=1&name=" + another))
            .get("model_version");
    for (String field : List.of("source", "run_id", "model_id", "status", "run_link")) {
      assertThat(theirs.path(field)).as(field).isEqualTo(ours.path(field));
    }
    // which MLflow's Python then adds to
    assertThat(mlflow.sendGet("logged-models/" + LoggedModels.idIn(source).orElseThrow()))
        .contains(
            "[{\\\"name\\\": \\\"%s\\\", \\\"version\\\": 1}, {\\\"name\\\": \\\"%s\\\", \\\"version\\\": 1}"
                .formatted(name, another));
    try (PipelineLog log = PipelineLog.open(spark(), settings)) {
      assertThat(log.load(another, "1").pipeline().stages()).hasSize(3);
    }
  }

  @Test
  void aRunIsFailedWhenItsFillingThrowsAndNoVersionIsMade() throws Exception {
    FittedModel model = FittedModel.of(forest(wines()), wines().drop("quality"));

    try (PipelineLog log = PipelineLog.open(spark(), settings)) {
      assertThatThrownBy(
              () ->
                  log.register(
                      model,
                      name,
                      run -> {
                        throw new IllegalStateException("no metrics today");
                      }))
          .hasMessage("no metrics today");
      PipelineLog.LoggedModel logged = log.log(model);
      assertThat(logged.runUrl()).contains(logged.runId());
    }

    String experiment =
        mlflow.getExperimentByName(settings.run().experimentName()).orElseThrow().getExperimentId();
    assertThat(mlflow.listRunInfos(experiment))
        .extracting(info -> info.getStatus().name())
        .containsExactlyInAnyOrder("FAILED", "FINISHED");
    assertThat(mlflow.sendGet("registered-models/search")).doesNotContain(name);
  }

  @Test
  void aClosedLogMakesNoRun() throws Exception {
    FittedModel model = FittedModel.of(forest(wines()), wines().drop("quality"));
    PipelineLog log = PipelineLog.open(spark(), settings);
    log.close();

    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> log.log(model), () -> log.register(model, name), () -> log.load(name, "1"))) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("This PipelineLog is closed");
    }
    assertThat(mlflow.getExperimentByName(settings.run().experimentName())).isEmpty();
  }

  private JsonNode inPython(String[] columns, List<Row> rows) throws Exception {
    List<List<Object>> cells = new ArrayList<>();
    for (Row row : rows) {
      List<Object> one = new ArrayList<>();
      for (int i = 0; i < row.length(); i++) {
        one.add(row.get(i));
      }
      cells.add(one);
    }
    Path file = folder.resolve("rows.json");
    JSON.writeValue(file.toFile(), Map.of("columns", Arrays.asList(columns), "data", cells));
    String printed =
        PythonEnv.run(
            Path.of("src/test/resources/python/load_model.py"),
            Duration.ofMinutes(5),
            "models:/" + name + "@challenger",
            file.toString(),
            server.uri().toString());
    return JSON.readTree(printed.lines().reduce((a, b) -> b).orElseThrow());
  }

  private static PipelineModel forest(Dataset<Row> wines) {
    return new Pipeline()
        .setStages(
            new PipelineStage[] {
              new VectorAssembler()
                  .setInputCols(wines.drop("quality").columns())
                  .setOutputCol("assembled"),
              new StandardScaler().setInputCol("assembled").setOutputCol("features"),
              new RandomForestRegressor().setLabelCol("quality").setNumTrees(5).setSeed(7)
            })
        .fit(wines);
  }

  private Dataset<Row> wines() throws Exception {
    StructType schema = new StructType();
    for (String column : Files.readAllLines(DATA).get(0).split(",", -1)) {
      schema = schema.add(column.replace("\"", ""), DataTypes.DoubleType);
    }
    return spark().read().schema(schema).option("header", "true").csv(DATA.toString());
  }
}
