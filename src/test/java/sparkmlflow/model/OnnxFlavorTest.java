package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import sparkmlflow.model.ModelSignature.Column;
import testing.OnnxOnTheJvm;
import testing.PredictionBound;
import testing.SparkTest;

@Tag("numeric")
class OnnxFlavorTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden/mlflow-onnx-model");

  private static final double[][] ROWS = {{7.4, 1.9}, {7.8, 2.6}, {0.0, 0.0}, {-1e9, 1e-9}};

  private static SparkSession spark;
  private static FittedModel model;

  private final Path temporary;

  OnnxFlavorTest(@TempDir Path temporary) {
    this.temporary = temporary;
  }

  @BeforeAll
  static void fitOnce() {
    spark = SparkTest.session();
    model = ModelFixtures.model();
  }

  @Test
  void theGraphPredictsWhatThePipelinePredicts() throws Exception {
    try (OnnxOnTheJvm graph = new OnnxOnTheJvm(write(model).resolve("model.onnx"))) {
      assertThat(graph.names()).containsExactly("[features]", "[prediction]");
      assertAgree(model, graph.predict(ROWS), ROWS);
      // one row may be added up in another order than several
      double[][] one = {ROWS[1]};
      assertAgree(model, graph.predict(one), one);
    }
  }

  @Test
  void columnsStandInTheSignaturesOrderHoweverTheyAreAssembled() throws Exception {
    VectorAssembler swapped =
        new VectorAssembler()
            .setInputCols(new String[] {ModelFixtures.COLUMNS.get(1), ModelFixtures.COLUMNS.get(0)})
            .setOutputCol("features");
    FittedModel other = modelOf(swapped, regression());
    try (OnnxOnTheJvm graph = new OnnxOnTheJvm(write(other).resolve("model.onnx"))) {
      assertAgree(other, graph.predict(ROWS), ROWS);
      assertThat(graph.predict(ROWS)).isNotEqualTo(byPipeline(model, ROWS));
    }
  }

  @Test
  void aMissingValueIsRefusedAsThePipelineRefusesIt() throws Exception {
    double[][] missing = {ROWS[0], {7.4, Double.NaN}};
    assertThatThrownBy(() -> byPipeline(model, missing))
        .rootCause()
        .hasMessageContaining("Encountered NaN while assembling a row");
    try (OnnxOnTheJvm graph = new OnnxOnTheJvm(write(model).resolve("model.onnx"))) {
      assertThatThrownBy(() -> graph.predict(missing))
          .isInstanceOf(OrtException.class)
          .hasMessageContaining("refuse_null_NaN_or_infinite_values");
    }
  }

  @Test
  void anInfiniteValueIsRefusedThoughThePipelineTakesIt() throws Exception {
    try (OnnxOnTheJvm graph = new OnnxOnTheJvm(write(model).resolve("model.onnx"))) {
      for (double infinity : new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
        double[][] infinite = {ROWS[0], {7.4, infinity}};
        assertThat(byPipeline(model, infinite).get(1)).isInfinite();
        assertThatThrownBy(() -> graph.predict(infinite))
            .isInstanceOf(OrtException.class)
            .hasMessageContaining("refuse_null_NaN_or_infinite_values");
      }
      double[][] large = {{1e300, -1e300}};
      assertAgree(model, graph.predict(large), large);
    }
  }

  @Test
  void theFileSaysWhatItIs() throws Exception {
    FittedModel described =
        new FittedModel(
            model.pipeline(),
            model.signature(),
            model.example(),
            Map.of("table_version", "7", "unit of fixed acidity", "g/dm³", "run_id", "forged"));
    ModelIdentity identity = ModelFixtures.identity();
    Path folder =
        new ModelFolderWriter(spark, ModelFixtures.settings())
            .write(described, identity, temporary.resolve("out"))
            .directory();

    GraphForm.Linear form =
        (GraphForm.Linear) GraphReader.read(described.pipeline(), described.signature());
    assertThat(OnnxGraph.linear(folder.resolve("model.onnx"))).hasValue(form);
    try (OnnxOnTheJvm graph = new OnnxOnTheJvm(folder.resolve("model.onnx"))) {
      assertThat(graph.metadata())
          .containsOnly(
              Map.entry("linear", form.toJson()),
              Map.entry("run_id", identity.runId()),
              Map.entry("model_uuid", identity.modelUuid()),
              Map.entry("table_version", "7"),
              Map.entry("unit of fixed acidity", "g/dm³"),
              Map.entry("feature_names", "[\"fixed acidity\",\"S\\u00FC\\u00DFe \\\"Rest\\\"\"]"));
    }
  }

  @Test
  void mlmodelSaysOfOnnxWhatPythonSays() throws Exception {
    Map<String, Object> golden = flavors(GOLDEN);
    map(golden, "onnx").remove("code"); // null, as everything of Python's that is left out here
    Map<String, Object> written = flavors(write(model));
    for (Map<String, Object> one : List.of(golden, written)) {
      map(one, "python_function").remove("python_version");
    }

    assertThat(written.remove("spark")).isNotNull();
    assertThat(written).isEqualTo(golden);
  }

  @Test
  void pythonFunctionAndItsRequirementsFollowTheSetting() throws Exception {
    Path byOnnx = write(model);
    Path bySpark =
        new ModelFolderWriter(spark, ModelFixtures.settings(PythonFunction.SPARK, ""))
            .write(model, ModelFixtures.identity(), temporary.resolve("by-spark"))
            .directory();

    assertThat(map(flavors(byOnnx), "python_function"))
        .containsEntry("loader_module", "mlflow.onnx")
        .containsEntry("data", "model.onnx");
    assertThat(map(flavors(bySpark), "python_function"))
        .containsEntry("loader_module", "mlflow.spark")
        .containsEntry("data", "sparkml");
    assertThat(flavors(byOnnx).get("spark")).isEqualTo(flavors(bySpark).get("spark"));
    assertThat(flavors(byOnnx).get("onnx")).isEqualTo(flavors(bySpark).get("onnx"));
    assertThat(Files.readAllLines(byOnnx.resolve("requirements.txt")))
        .containsAll(Files.readAllLines(GOLDEN.resolve("requirements.txt")))
        .noneMatch(line -> line.startsWith("pyspark"))
        .isEqualTo(Files.readAllLines(bySpark.resolve("requirements-onnx.txt")));
    assertThat(Files.readAllLines(byOnnx.resolve("requirements-spark.txt")))
        .contains("pyspark==" + spark.version(), "mlflow==3.17.2")
        .noneMatch(line -> line.startsWith("onnx"))
        .isEqualTo(Files.readAllLines(bySpark.resolve("requirements.txt")));
  }

  @Test
  void whatIsNotThisLinearFunctionIsWrittenForSparkOnly() throws Exception {
    VectorAssembler keeping = assembler().setHandleInvalid("keep");
    LinearRegressionModel renamed = regression();
    renamed.setPredictionCol("score");
    FittedModel optional =
        FittedModel.of(
            model.pipeline(),
            new ModelSignature(
                List.of(
                    Column.required(ModelFixtures.COLUMNS.get(0), ColumnType.DOUBLE),
                    Column.optional(ModelFixtures.COLUMNS.get(1), ColumnType.DOUBLE)),
                model.signature().outputs()),
            model.example());
    FittedModel whole =
        FittedModel.of(
            model.pipeline(),
            new ModelSignature(
                List.of(
                    Column.required(ModelFixtures.COLUMNS.get(0), ColumnType.DOUBLE),
                    Column.required(ModelFixtures.COLUMNS.get(1), ColumnType.LONG)),
                model.signature().outputs()),
            new InputExample(ModelFixtures.COLUMNS, List.of(List.of(7.4, 2))));
    ModelSignature more =
        ModelSignature.ofRegression(List.of("fixed acidity", "Süße \"Rest\"", "pH"));
    FittedModel unused =
        FittedModel.of(
            model.pipeline(),
            more,
            new InputExample(more.inputNames(), List.of(List.of(7.4, 1.9, 3.5))));

    assertThat(reason(modelOf(keeping, regression()))).contains("handleInvalid is keep");
    assertThat(reason(optional)).contains("inputs that are required doubles");
    assertThat(reason(whole)).contains("inputs that are required doubles");
    assertThat(reason(unused)).contains("the signature has [fixed acidity, Süße \"Rest\", pH]");
    assertThat(
            reason(
                modelOf(new PipelineModel("inner", new Transformer[] {assembler(), regression()}))))
        .contains("not for [PipelineModel]");

    Path folder = write(modelOf(keeping, regression()));
    assertThat(folder.resolve("model.onnx")).doesNotExist();
    assertThat(folder.resolve("requirements-spark.txt")).doesNotExist();
    assertThat(flavors(folder)).containsOnlyKeys("python_function", "spark");
    assertThat(map(flavors(folder), "python_function"))
        .containsEntry("loader_module", "mlflow.spark");
    assertThat(Files.readString(folder.resolve("requirements.txt"))).contains("pyspark==");
  }

  private static String reason(FittedModel model) {
    assertThat(GraphReader.read(model.pipeline(), model.signature()))
        .isInstanceOf(GraphForm.SparkOnly.class);
    return ((GraphForm.SparkOnly) GraphReader.read(model.pipeline(), model.signature())).reason();
  }

  private static VectorAssembler assembler() {
    return ((VectorAssembler) model.pipeline().stages()[0]).copy(new ParamMap());
  }

  private static LinearRegressionModel regression() {
    return ((LinearRegressionModel) model.pipeline().stages()[1]).copy(new ParamMap());
  }

  private static FittedModel modelOf(Transformer... stages) {
    return FittedModel.of(
        new PipelineModel("pipeline_1", stages), model.signature(), model.example());
  }

  private Path write(FittedModel fitted) {
    return new ModelFolderWriter(spark, ModelFixtures.settings())
        .write(fitted, ModelFixtures.identity(), temporary.resolve("out"))
        .directory();
  }

  private static List<Double> byPipeline(FittedModel fitted, double[][] features) {
    return rowsByPipeline(fitted, features).stream()
        .map(row -> row.<Double>getAs("prediction"))
        .toList();
  }

  private static List<Row> rowsByPipeline(FittedModel fitted, double[][] features) {
    List<Row> rows =
        Arrays.stream(features).map(cells -> RowFactory.create(cells[0], cells[1])).toList();
    return fitted
        .pipeline()
        .transform(spark.createDataFrame(rows, fitted.signature().inputSchema()))
        .collectAsList();
  }

  /** The graph with the pipeline, whatever order the pipeline assembles the columns in. */
  private static void assertAgree(FittedModel fitted, List<Double> actual, double[][] features) {
    PredictionBound bound = PredictionBound.of(fitted.pipeline());
    List<Row> expected = rowsByPipeline(fitted, features);
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      Row row = expected.get(i);
      bound.assertAgree(actual.get(i), row.<Double>getAs("prediction"), bound.values(row));
    }
  }

  private static Map<String, Object> flavors(Path folder) throws Exception {
    return map(
        new Yaml().<Map<String, Object>>load(Files.readString(folder.resolve("MLmodel"))),
        "flavors");
  }

  @SuppressWarnings("unchecked") // YAML maps have text keys in these files
  private static Map<String, Object> map(Map<String, Object> map, String key) {
    return (Map<String, Object>) Objects.requireNonNull(map.get(key), key);
  }
}
