package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import testing.PredictionBound;
import testing.PythonEnv;
import testing.SparkTest;

/** A folder written here is loaded by MLflow's own Python, whose predictions agree. */
class ModelFolderIT {

  private static final Path DATA = Path.of("data/winequality-red.csv");
  private static final Path SCRIPT = Path.of("src/test/resources/python/load_model.py");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void pythonPredictsWhatTheJvmPredicts(@TempDir Path temporary) throws Exception {
    SparkSession spark = SparkTest.session();
    Dataset<Row> wines = wines(spark);
    List<String> features = Arrays.asList(wines.columns()).subList(0, 11);
    PipelineModel pipeline = fitted(wines, features);
    List<Row> rows =
        wines
            .limit(200)
            .select(features.get(0), features.subList(1, 11).toArray(new String[0]))
            .collectAsList();
    List<Double> expected =
        pipeline
            .transform(spark.createDataFrame(rows, rows.get(0).schema()))
            .select("prediction")
            .collectAsList()
            .stream()
            .map(row -> row.getDouble(0))
            .toList();

    ModelFolder folder =
        new ModelFolderWriter(spark, ModelFixtures.settings())
            .write(
                FittedModel.of(
                    pipeline,
                    ModelSignature.ofRegression(features),
                    InputExample.ofRows(rows.subList(0, 5))),
                ModelFixtures.identity(),
                temporary.resolve("model of a wine"));
    JsonNode answer = predictedInPython(folder, features, rows, temporary);
    assertThat(answer.get("unknown")).isEmpty();

    assertThat(new HashSet<>(expected)).hasSizeGreaterThan(100);
    for (String way : List.of("spark", "pyfunc", "onnx", "served", "reordered")) {
      assertAgree(PredictionBound.of(pipeline), answer.get(way), expected, rows);
    }
    assertThat(answer.at("/answer/class").asText()).isEqualTo("DataFrame");
    assertThat(answer.at("/answer/columns"))
        .isEqualTo(JSON.readTree("{\"prediction\": \"float64\"}"));
    assertRefusals(answer.get("refusals"));
  }

  /** Unknown levels, missing ones and gaps too; see {@link EncodedFixtures}. */
  @ParameterizedTest
  @EnumSource
  void categoriesAndGapsPredictInPythonWhatTheyPredictInTheJvm(
      PythonFunction pythonFunction, @TempDir Path temporary) throws Exception {
    FittedModel model = EncodedFixtures.model();
    List<Row> rows = EncodedFixtures.rows(200, 11);
    List<Row> expected = model.pipeline().transform(EncodedFixtures.frame(rows)).collectAsList();
    ModelFolder folder =
        new ModelFolderWriter(SparkTest.session(), ModelFixtures.settings(pythonFunction, ""))
            .write(model, ModelFixtures.identity(), temporary.resolve("model"));
    JsonNode answer = predictedInPython(folder, model.signature().inputNames(), rows, temporary);

    for (String way : List.of("spark", "pyfunc", "onnx", "served", "reordered")) {
      JsonNode predictions = answer.get(way);
      assertThat(predictions).as(way).hasSameSizeAs(expected);
      for (int i = 0; i < expected.size(); i++) {
        EncodedFixtures.assertAgree(
            model.pipeline(), predictions.get(i).asDouble(Double.NaN), expected.get(i));
      }
    }
    JsonNode unknown = answer.get("unknown");
    assertThat(unknown).hasSize(3);
    assertThat(unknown.get("island").isNull() && unknown.get("colour").isNull()).isTrue();
    assertThat(unknown.get("cut").asText())
        .contains(
            pythonFunction == PythonFunction.ONNX
                ? "Name:'refuse_unknown_level_of_cut'"
                : "Unseen label: no such level");
    assertThat(answer.at("/refusals/null in one row").asText())
        .contains(
            pythonFunction == PythonFunction.ONNX
                ? "Name:'refuse_null_NaN_or_infinite_values'"
                : "Encountered NaN while assembling a row");
  }

  /** By MLflow's own check of the signature but for nulls, which it lets through as NaN. */
  private static void assertRefusals(JsonNode refusals) {
    assertThat(refusals.get("wrong name").asText())
        .startsWith("MlflowException: Failed to enforce schema of data")
        .endsWith(
            "Error: Model is missing inputs ['fixed acidity']. Note that there were extra inputs:"
                + " ['no such column'].");
    assertThat(refusals.get("missing column").asText())
        .startsWith("MlflowException: Failed to enforce schema of data")
        .endsWith("Error: Model is missing inputs ['fixed acidity'].");
    for (String text : List.of("text", "number as text")) {
      assertThat(refusals.get(text).asText())
          .startsWith("MlflowException: Failed to enforce schema of data")
          .endsWith(
              "Error: Incompatible input types for column fixed acidity. Can not safely convert str"
                  + " to float64.");
    }
    for (String gap : List.of("null in every row", "null in one row")) {
      assertThat(refusals.get(gap).asText())
          .startsWith("InvalidArgument: [ONNXRuntimeError]")
          .contains("Name:'refuse_null_NaN_or_infinite_values'");
    }
    assertThat(refusals).hasSize(6);
  }

  private static JsonNode predictedInPython(
      ModelFolder folder, List<String> features, List<Row> rows, Path temporary) throws Exception {
    List<List<Object>> cells = new ArrayList<>();
    for (Row row : rows) {
      List<Object> one = new ArrayList<>();
      for (int i = 0; i < row.length(); i++) {
        one.add(row.get(i) instanceof Double value && value.isNaN() ? null : row.get(i));
      }
      cells.add(one);
    }
    Path file = temporary.resolve("rows.json");
    JSON.writeValue(file.toFile(), Map.of("columns", features, "data", cells));
    String printed =
        PythonEnv.run(
            SCRIPT, Duration.ofMinutes(5), folder.directory().toString(), file.toString());
    List<String> lines = printed.strip().lines().toList();
    return JSON.readTree(lines.get(lines.size() - 1));
  }

  private static void assertAgree(
      PredictionBound bound, JsonNode predictions, List<Double> expected, List<Row> rows) {
    assertThat(predictions).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      bound.assertAgree(predictions.get(i).asDouble(), expected.get(i), bound.values(rows.get(i)));
    }
  }

  private static PipelineModel fitted(Dataset<Row> wines, List<String> features) {
    return new Pipeline()
        .setStages(
            new PipelineStage[] {
              new VectorAssembler()
                  .setInputCols(features.toArray(new String[0]))
                  .setOutputCol("features"),
              new LinearRegression()
                  .setFeaturesCol("features")
                  .setLabelCol("quality")
                  .setSolver("normal")
                  .setElasticNetParam(0.5)
                  .setRegParam(0.01)
                  .setStandardization(false)
            })
        .fit(wines);
  }

  private static Dataset<Row> wines(SparkSession spark) throws Exception {
    StructType schema = new StructType();
    for (String name : Files.readAllLines(DATA).get(0).split(",", -1)) {
      schema = schema.add(name.replace("\"", ""), DataTypes.DoubleType);
    }
    return spark.read().schema(schema).option("header", "true").csv(DATA.toString());
  }
}
