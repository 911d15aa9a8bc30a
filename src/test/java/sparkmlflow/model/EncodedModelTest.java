package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.model.ModelSignature.Column;
import testing.OnnxOnTheJvm;
import testing.SparkTest;

/** Models with categories and gaps: the pipeline, the expression and the graph say the same. */
@Tag("numeric")
@Tag(SparkTest.COMPILED)
class EncodedModelTest extends SparkTest {

  private static FittedModel model;

  @TempDir Path folder;

  @BeforeAll
  static void makeOnce() {
    SparkTest.session();
    model = EncodedFixtures.model();
  }

  @Test
  void graphExpressionAndPipelineAgreeOnLevelsUnknownOnesAndGaps() throws Exception {
    List<Row> rows = EncodedFixtures.rows(400, 7);
    List<Row> expected =
        loaded(write(model))
            .predict(model.pipeline().transform(EncodedFixtures.frame(rows)), "expression")
            .collectAsList();
    try (OnnxOnTheJvm graph = graph(write(model))) {
      assertThat(graph.names()).containsExactly("[features]", "[prediction]");
      List<Double> predicted = graph.predict(EncodedFixtures.texts(rows));
      assertThat(predicted).hasSize(400).doesNotContain(Double.NaN);
      for (int i = 0; i < 400; i++) {
        EncodedFixtures.assertAgree(model.pipeline(), predicted.get(i), expected.get(i));
        EncodedFixtures.assertAgree(
            model.pipeline(), expected.get(i).<Double>getAs("expression"), expected.get(i));
      }
    }
  }

  /** By hand, from the formula in {@link EncodedFixtures}. */
  @Test
  void eachKindOfColumnAddsWhatTheFormulaSays() throws Exception {
    List<Row> rows =
        List.of(
            RowFactory.create(2.0, "Süß", 10.0, "Dream", 1.0, "grün"), // 0.1+.6+1.7+7-2.3-.9+2.9
            RowFactory.create(2.0, "Fair", null, "Biscoe", null, "rot"), // 0.1+.6+15.05+1.1
            RowFactory.create(2.0, "Fair", Double.NaN, "Torgersen", Double.NaN, "blau"), // +3.1
            RowFactory.create(2.0, "Fair", Double.NaN, null, Double.NaN, null));
    List<Double> expected = List.of(9.1, 16.85, 19.95, 19.95);
    LoadedModel loaded = loaded(write(model));
    try (OnnxOnTheJvm graph = graph(loaded.stored().directory())) {
      List<Double> predicted = graph.predict(EncodedFixtures.texts(rows));
      List<Row> answers =
          loaded
              .predict(loaded.pipeline().transform(EncodedFixtures.frame(rows)), "expression")
              .collectAsList();
      for (int i = 0; i < rows.size(); i++) {
        assertThat(predicted.get(i)).isCloseTo(expected.get(i), within(1e-12));
        for (String way : List.of("prediction", "expression")) {
          assertThat(answers.get(i).<Double>getAs(way))
              .as(way)
              .isCloseTo(expected.get(i), within(1e-12));
        }
      }
    }
  }

  @Test
  void whatThePipelineRefusesTheGraphAndTheExpressionRefuse() throws Exception {
    LoadedModel loaded = loaded(write(model));
    // only where other texts are refused
    assertThat(loaded.strictLevels()).containsOnlyKeys("cut");
    assertThat(loaded.strictLevels().get("cut")).contains("Fair").doesNotContain("Ideal");
    Row good = RowFactory.create(2.0, "Fair", 10.0, "Dream", 1.0, "rot");
    try (OnnxOnTheJvm graph = graph(loaded.stored().directory())) {
      for (String cut : Arrays.asList("Ideal", "fair", "", null)) {
        List<Row> rows = List.of(good, RowFactory.create(2.0, cut, 10.0, "Dream", 1.0, "rot"));
        assertThatThrownBy(() -> graph.predict(EncodedFixtures.texts(rows)))
            .isInstanceOf(OrtException.class)
            .hasMessageContaining("refuse_unknown_level_of_cut");
        assertRefused(loaded, rows, "A row has no value, or an unknown level, in cut");
      }
      for (Double size : Arrays.asList(Double.NaN, null)) {
        List<Row> rows = List.of(good, RowFactory.create(size, "Fair", 10.0, "Dream", 1.0, "rot"));
        assertThatThrownBy(() -> graph.predict(EncodedFixtures.texts(rows)))
            .hasMessageContaining("refuse_null_NaN_or_infinite_values");
        assertRefused(loaded, rows, "A row has no value, or NaN, in one of [Größe (cm), cut,");
      }
      List<Row> infinite =
          List.of(RowFactory.create(2.0, "Fair", Double.NEGATIVE_INFINITY, "Dream", 1.0, "rot"));
      assertThatThrownBy(() -> graph.predict(EncodedFixtures.texts(infinite)))
          .hasMessageContaining("refuse_null_NaN_or_infinite_values");
    }
  }

  private static void assertRefused(LoadedModel loaded, List<Row> rows, String message) {
    Dataset<Row> frame = EncodedFixtures.frame(rows);
    assertThatThrownBy(() -> loaded.pipeline().transform(frame).select("prediction").collect())
        .isInstanceOf(Exception.class);
    assertThatThrownBy(() -> loaded.predict(frame, "p").select("p").collect())
        .hasMessageContaining(message);
  }

  /** What a locale with a decimal comma makes of 0.5 is what any locale makes of 0,5 here. */
  @Test
  void aDecimalCommaIsRefused() throws Exception {
    Path file = write(model).resolve("model.onnx");
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(file, bytes.replace("0.5", "0,5"), StandardCharsets.ISO_8859_1);
    try (OnnxOnTheJvm graph = new OnnxOnTheJvm(file)) {
      assertThatThrownBy(() -> graph.predict(EncodedFixtures.texts(EncodedFixtures.rows(3, 1))))
          .hasMessageContaining("refuse_a_locale_with_decimal_comma");
    }
  }

  @Test
  void gapsWithoutCategoriesStayNumbers() throws Exception {
    FittedModel gaps =
        FittedModel.of(
            EncodedFixtures.pipeline(
                List.of(
                    new SQLTransformer().setStatement(EncodedFixtures.INDICATOR),
                    EncodedFixtures.imputer(),
                    new VectorAssembler()
                        .setInputCols(
                            new String[] {"_filled_bmi", "_missing_bmi", "_filled_age", "x"})
                        .setOutputCol("features"),
                    EncodedFixtures.regression(2.0, 4.0, 0.5, 8.0))),
            ModelSignature.ofRegressionOn(
                List.of(
                    Column.optional("bmi", ColumnType.DOUBLE),
                    Column.required("x", ColumnType.DOUBLE),
                    Column.optional("age", ColumnType.DOUBLE))),
            new InputExample(List.of("bmi", "x", "age"), List.of(List.of(20.0, 1.0, 30.0))));
    try (OnnxOnTheJvm graph = graph(write(gaps))) {
      // 0.1 + 2·10 + 8 + 0.5·4, and 0.1 + 2·21.5 + 4 + 8 + 0
      assertThat(graph.predict(new double[][] {{10, 1, 4}, {Double.NaN, 1, Double.NaN}}))
          .containsExactly(30.1, 55.1);
      assertThatThrownBy(() -> graph.predict(new double[][] {{10, Double.NaN, 4}}))
          .hasMessageContaining("refuse_null_NaN_or_infinite_values");
    }
  }

  @Test
  void aPipelineOfIndexerEncoderAndRegressionIsWrittenToo() throws Exception {
    for (String invalid : List.of("error", "keep")) {
      StructType schema =
          new StructType()
              .add("colour", DataTypes.StringType)
              .add("x", DataTypes.DoubleType)
              .add("y", DataTypes.DoubleType);
      Dataset<Row> rows =
          spark()
              .createDataFrame(
                  List.of(
                      RowFactory.create("rot", 1.0, 1.5),
                      RowFactory.create("grün", 2.0, 2.5),
                      RowFactory.create("blau", 4.0, 8.0),
                      RowFactory.create("rot", 5.0, 9.5),
                      RowFactory.create("blau", 6.0, 9.0)),
                  schema);
      PipelineModel pipeline =
          new Pipeline()
              .setStages(
                  new PipelineStage[] {
                    new StringIndexer()
                        .setInputCol("colour")
                        .setOutputCol("index")
                        .setHandleInvalid(invalid),
                    new OneHotEncoder().setInputCol("index").setOutputCol("levels"),
                    new VectorAssembler()
                        .setInputCols(new String[] {"levels", "x"})
                        .setOutputCol("features"),
                    new LinearRegression().setLabelCol("y")
                  })
              .fit(rows);
      FittedModel own = FittedModel.of(pipeline, rows.drop("y"));
      List<Row> expected = pipeline.transform(rows).collectAsList();
      try (OnnxOnTheJvm graph = graph(write(own))) {
        List<Double> predicted =
            graph.predict(
                expected.stream()
                    .map(row -> new String[] {row.getString(0), row.get(1).toString()})
                    .toArray(String[][]::new));
        for (int i = 0; i < predicted.size(); i++) {
          EncodedFixtures.assertAgree(pipeline, predicted.get(i), expected.get(i));
        }
        String[][] unknown = {{"lila", "1.0"}};
        if (invalid.equals("error")) {
          assertThatThrownBy(() -> graph.predict(unknown))
              .hasMessageContaining("refuse_unknown_level_of_colour");
        } else {
          Row known =
              pipeline
                  .transform(
                      spark().createDataFrame(List.of(RowFactory.create("lila", 1.0, 0.0)), schema))
                  .head();
          EncodedFixtures.assertAgree(pipeline, graph.predict(unknown).get(0), known);
        }
      }
    }
  }

  @Test
  void aCategoryAloneNeedsNoNumbers() throws Exception {
    FittedModel alone =
        FittedModel.of(
            EncodedFixtures.pipeline(
                List.of(
                    EncodedFixtures.indexer(
                        "keep", List.of("island"), List.of(EncodedFixtures.ISLANDS)),
                    new OneHotEncoderModel("encoder", new int[] {3})
                        .setInputCols(new String[] {"_index_island"})
                        .setOutputCols(new String[] {"features"})
                        .setDropLast(false),
                    EncodedFixtures.regression(1.0, 2.0, 4.0))),
            ModelSignature.ofRegressionOn(List.of(Column.optional("island", ColumnType.STRING))),
            new InputExample(List.of("island"), List.of(List.of("Dream"))));
    try (OnnxOnTheJvm graph = graph(write(alone))) {
      assertThat(graph.predict(new String[][] {{"Biscoe"}, {"Dream"}, {"None"}}))
          .containsExactly(1.1, 2.1, 4.1);
    }
  }

  @Test
  void aLoadedPipelineFillsGapsWithoutItsFiles() {
    Path written = write(model);
    LoadedModel loaded = loaded(written);
    assertThat(loaded.pipeline().uid()).isEqualTo(model.pipeline().uid());
    List<Row> rows = EncodedFixtures.rows(50, 3);
    assertThat(FileUtil.fullyDelete(written.toFile())).isTrue();

    Dataset<Row> frame = EncodedFixtures.frame(rows);
    assertThat(loaded.pipeline().transform(frame).select("prediction").collectAsList())
        .isEqualTo(model.pipeline().transform(frame).select("prediction").collectAsList());
    assertThat(loaded.predict(frame, "p").columns())
        .containsExactly("Größe (cm)", "cut", "bmi", "island", "age", "colour", "p");
  }

  /** Any of these may look like a linear model, but the graph would say something else. */
  @Test
  void whatTheGraphCannotSayIsWrittenForSparkOnly() {
    assertThat(GraphReader.read(model.pipeline(), model.signature()))
        .isInstanceOf(GraphForm.Linear.class);
    assertThat(
            reason(
                stages ->
                    ((SQLTransformer) stages.get(0))
                        .setStatement(EncodedFixtures.INDICATOR + " WHERE bmi > 0")))
        .contains("SQL that adds indicators of missing values, not for SELECT *")
        .contains("WHERE bmi > 0");
    assertThat(
            reason(
                stages -> {
                  ImputerModel imputer = EncodedFixtures.imputer();
                  imputer.set(imputer.missingValue(), -1.0);
                  stages.set(1, imputer);
                }))
        .contains("the Imputer's missingValue is -1.0");
    assertThat(reason(stages -> ((StringIndexerModel) stages.get(3)).setHandleInvalid("skip")))
        .contains("the StringIndexer's handleInvalid is skip");
    assertThat(
            reason(
                stages ->
                    stages.set(
                        3,
                        EncodedFixtures.indexer(
                            "keep",
                            List.of("island", "colour"),
                            List.of(List.of("Biscoe", "None"), EncodedFixtures.COLOURS)))))
        .contains("those of \"island\" are [Biscoe, None]");
    assertThat(reason(stages -> ((OneHotEncoderModel) stages.get(4)).setHandleInvalid("keep")))
        .contains("the OneHotEncoder's handleInvalid is keep");
    assertThat(reason(stages -> ((VectorAssembler) stages.get(5)).setHandleInvalid("keep")))
        .contains("the VectorAssembler's handleInvalid is keep");
    assertThat(
            reason(
                stages -> {
                  VectorAssembler assembler = (VectorAssembler) stages.get(5);
                  String[] columns = assembler.getInputCols();
                  columns[2] = "bmi"; // where it is missing, the pipeline fails
                  assembler.setInputCols(columns);
                }))
        .contains("doubles with a surrogate");
    for (String again : List.of("Größe (cm)", "bmi", "_index_cut")) {
      assertThat(
              reason(
                  stages -> {
                    VectorAssembler assembler = (VectorAssembler) stages.get(5);
                    List<String> columns = new ArrayList<>(List.of(assembler.getInputCols()));
                    columns.add(again);
                    assembler.setInputCols(columns.toArray(String[]::new));
                    int[] indices = {0, 2, 3, 4, 5, 7, 9, 11, 12, 13};
                    ((VectorSlicer) stages.get(6)).setIndices(indices);
                    stages.set(7, EncodedFixtures.regression(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
                  }))
          .as(again)
          .contains("each used once");
    }
    assertThat(
            reason(
                stages -> {
                  ((VectorSlicer) stages.get(6)).setIndices(new int[] {0, 2, 3, 4, 5, 7, 11, 12});
                  stages.set(7, EncodedFixtures.regression(1, 2, 3, 4, 5, 6, 7, 8));
                }))
        .contains("each used once")
        .contains("the regression takes [Größe (cm), cut, bmi, island, colour]");
  }

  private static String reason(Consumer<List<Transformer>> change) {
    List<Transformer> stages = EncodedFixtures.stages();
    change.accept(stages);
    GraphForm form = GraphReader.read(EncodedFixtures.pipeline(stages), EncodedFixtures.SIGNATURE);
    assertThat(form).isInstanceOf(GraphForm.SparkOnly.class);
    return ((GraphForm.SparkOnly) form).reason();
  }

  private static OnnxOnTheJvm graph(Path written) throws OrtException {
    return new OnnxOnTheJvm(written.resolve("model.onnx"));
  }

  private static Path write(FittedModel fitted, Path folder) {
    return new ModelFolderWriter(SparkTest.session(), ModelFixtures.settings())
        .write(fitted, ModelFixtures.identity(), folder)
        .directory();
  }

  private Path write(FittedModel fitted) {
    return write(fitted, folder.resolve(ModelFixtures.identity().modelUuid()));
  }

  private static LoadedModel loaded(Path written) {
    return new PipelineLoader(SparkTest.session(), ModelFixtures.settings())
        .load(StoredModel.read(written));
  }
}
