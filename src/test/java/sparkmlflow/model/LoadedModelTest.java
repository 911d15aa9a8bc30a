package sparkmlflow.model;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import elasticnet.ElasticNetTrainer;
import elasticnet.LearningSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.DamagedFilesException;
import testing.PredictionBound;
import testing.SparkTest;
import winequality.data.WineFiles;

@Tag("numeric")
@Tag(SparkTest.COMPILED)
class LoadedModelTest extends SparkTest {

  private static final List<String> FEATURES = WineFiles.description().features();

  @TempDir Path folder;

  @Test
  void aLinearModelAgreesWithItsPipeline() {
    Dataset<Row> wines = wines();
    PipelineModel pipeline = pipeline(wines);
    Dataset<Row> both = loaded(pipeline).predict(pipeline.transform(wines), "ours");
    assertThatTheyAgree(pipeline, both, "ours", "prediction");
    // compiled, where the pipeline has a function that is called for each row
    assertThat(loaded(pipeline).predict(wines, "ours").queryExecution().optimizedPlan().toString())
        .doesNotContain("UDF");
  }

  @Test
  void whatIsNoExpressionIsAppliedByItsPipelineWhateverColumnsTheRowsHave() {
    Dataset<Row> wines = wines();
    PipelineModel pipeline = pipeline(wines);
    VectorAssembler keeping = ((VectorAssembler) pipeline.stages()[0]).copy(new ParamMap());
    PipelineModel other =
        new PipelineModel(
            "keeping",
            new Transformer[] {
              keeping.setHandleInvalid("keep"), (LinearRegressionModel) pipeline.stages()[1]
            });
    Dataset<Row> crowded =
        wines.withColumn("features", lit("mine")).withColumn("prediction", col("quality"));
    Dataset<Row> predicted = loaded(other).predict(crowded, "ours");
    assertThat(predicted.columns())
        .startsWith(wines.columns())
        .endsWith("features", "prediction", "ours");
    assertThat(predicted.filter("features = 'mine' and prediction = quality").count())
        .isEqualTo(1599);
    assertThatTheyAgree(pipeline, loaded(pipeline).predict(predicted, "theirs"), "theirs", "ours");
  }

  /** An expression that is nested as deeply as it has inputs would end Spark's stack. */
  @Test
  void aModelMayHaveManyInputs() {
    List<String> names = IntStream.range(0, 1200).mapToObj(i -> "x" + i).toList();
    Column[] values =
        names.stream()
            .map(
                name -> lit(Integer.parseInt(name.substring(1)) % 7 - 3.0).plus(col("id")).as(name))
            .toArray(Column[]::new);
    Dataset<Row> rows = spark().range(3).select(values);
    double[] coefficients = names.stream().mapToDouble(name -> name.hashCode() % 5 / 8.0).toArray();
    PipelineModel pipeline =
        new PipelineModel(
            "wide",
            new Transformer[] {
              new VectorAssembler()
                  .setInputCols(names.toArray(String[]::new))
                  .setOutputCol("features"),
              new LinearRegressionModel("wide", Vectors.dense(coefficients), 1.0)
            });
    assertThat(
            loaded(pipeline, names)
                .predict(pipeline.transform(rows), "ours")
                .select(col("ours").minus(col("prediction")))
                .collectAsList())
        .hasSize(3)
        .allSatisfy(row -> assertThat(row.getDouble(0)).isZero());
  }

  /** The gate compares with the champion at each training; loading a pipeline takes seven jobs. */
  @Test
  void aLinearModelPredictsWithoutItsPipeline() throws IOException {
    Dataset<Row> wines = wines();
    PipelineModel pipeline = pipeline(wines);
    LoadedModel loaded = loaded(pipeline);
    FileUtils.deleteDirectory(loaded.stored().directory().resolve("sparkml").toFile());
    Dataset<Row> both = loaded.predict(pipeline.transform(wines), "ours");
    assertThatTheyAgree(pipeline, both, "ours", "prediction");
    assertThat(loaded.strictLevels()).isEmpty();
    assertThatThrownBy(loaded::pipeline).isInstanceOf(DamagedFilesException.class);
  }

  @Test
  void aMissingValueEndsInAnError() {
    Dataset<Row> wines = wines();
    Dataset<Row> holey =
        loaded(pipeline(wines))
            .predict(wines.withColumn("pH", lit(null).cast("double")), "ours")
            .select("ours");
    assertThatThrownBy(holey::collect).hasMessageContaining("no value, or NaN, in one of");
  }

  private static void assertThatTheyAgree(
      PipelineModel pipeline, Dataset<Row> rows, String one, String other) {
    PredictionBound bound = PredictionBound.of(pipeline);
    assertThat(rows.collectAsList())
        .hasSize(1599)
        .allSatisfy(
            row ->
                bound.assertAgree(
                    row.<Double>getAs(one), row.<Double>getAs(other), bound.values(row)));
  }

  private LoadedModel loaded(PipelineModel pipeline) {
    return loaded(pipeline, FEATURES);
  }

  private LoadedModel loaded(PipelineModel pipeline, List<String> inputs) {
    FittedModel model =
        FittedModel.of(
            pipeline,
            ModelSignature.ofRegression(inputs),
            new InputExample(inputs, List.of(inputs.stream().<Object>map(name -> 1.0).toList())));
    ModelFolder written =
        new ModelFolderWriter(spark(), ModelFixtures.settings())
            .write(model, ModelFixtures.identity(), folder.resolve(UUID.randomUUID().toString()));
    return new PipelineLoader(spark(), ModelFixtures.settings())
        .load(StoredModel.read(written.directory()));
  }

  private static PipelineModel pipeline(Dataset<Row> wines) {
    return new ElasticNetTrainer(
            new LearningSettings(
                0.01, 0.5, false, true, 1000, 1e-12, "normal", "squaredError", 1.35, 2))
        .fit(wines, FEATURES, "quality")
        .pipeline();
  }

  private Dataset<Row> wines() {
    return WineFiles.wines(spark());
  }
}
