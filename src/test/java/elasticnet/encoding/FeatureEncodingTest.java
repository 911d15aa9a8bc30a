package elasticnet.encoding;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import elasticnet.ElasticNetTrainer;
import elasticnet.FittedElasticNet;
import elasticnet.LearningException;
import elasticnet.LearningSettings;
import elasticnet.encoding.Feature.Category;
import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap;
import elasticnet.encoding.Feature.Gap.Fill;
import elasticnet.encoding.Feature.Gap.Indicator;
import elasticnet.split.FoldAssigner;
import elasticnet.split.FoldSettings;
import elasticnet.split.HoldoutSettings;
import elasticnet.split.HoldoutSplitter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import testing.SparkTest;

class FeatureEncodingTest extends SparkTest {

  private static final Category CUT = category(Unknown.OTHER);
  private static final Gap BMI = new Gap("bmi", Fill.MEAN, Indicator.ADDED);

  private static Category category(Unknown unknown) {
    return new Category("cut", List.of("Fair", "Good", "Very Good"), unknown);
  }

  private Dataset<Row> table() {
    return spark()
        .sql(
            "SELECT * FROM VALUES (1D, 'Fair', 2D, 1D), (2D, 'Good', NULL, 3D), (4D, 'Very Good', 4D, 2D),"
                + " (3D, 'Good', 6D, 5D), (5D, NULL, DOUBLE('NaN'), 4D), (7D, 'Odd', 12D, 9D)"
                + " AS t(carat, cut, bmi, y)");
  }

  private static List<List<Double>> encoded(FeatureEncoding encoding, Dataset<Row> rows) {
    List<List<Double>> encoded = new ArrayList<>();
    for (Row row :
        encoding
            .encode(rows)
            .select(encoding.columns().values().toArray(Column[]::new))
            .collectAsList()) {
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < row.length(); i++) {
        values.add(row.getDouble(i));
      }
      encoded.add(values);
    }
    return encoded;
  }

  @Test
  @Tag(SparkTest.COMPILED)
  void numbersGapsAndLevelsBecomeTheColumnsWorkedByHand() {
    FeatureEncoding encoding =
        FeatureEncoding.of(
            List.of(
                new Feature.Numeric("carat"), CUT, BMI, new Gap("y", Fill.ZERO, Indicator.NONE)),
            table());

    assertThat(encoding.inputs()).containsExactly("carat", "cut", "bmi", "y");
    assertThat(encoding.names())
        .containsExactly(
            "carat", "cut=Good", "cut=Very Good", "cut unknown", "bmi", "bmi missing", "y");
    assertThat(encoding.columns().keySet()).containsExactlyElementsOf(encoding.names());
    // the mean of 2, 4, 6 and 12 is 6
    assertThat(encoded(encoding, table()))
        .containsExactly(
            List.of(1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 1.0),
            List.of(2.0, 1.0, 0.0, 0.0, 6.0, 1.0, 3.0),
            List.of(4.0, 0.0, 1.0, 0.0, 4.0, 0.0, 2.0),
            List.of(3.0, 1.0, 0.0, 0.0, 6.0, 0.0, 5.0),
            List.of(5.0, 0.0, 0.0, 1.0, 6.0, 1.0, 4.0),
            List.of(7.0, 0.0, 0.0, 1.0, 12.0, 0.0, 9.0));
  }

  @Test
  void unknownLevelsThatCountAsTheBaseHaveNoColumn() {
    FeatureEncoding encoding = FeatureEncoding.of(List.of(category(Unknown.BASE)), table());

    assertThat(encoded(encoding, table()))
        .containsExactly(
            List.of(0.0, 0.0),
            List.of(1.0, 0.0),
            List.of(0.0, 1.0),
            List.of(1.0, 0.0),
            List.of(0.0, 0.0),
            List.of(0.0, 0.0));
  }

  @Test
  void plainNumbersAreTheColumnsThemselves() {
    Dataset<Row> rows = table();
    FeatureEncoding encoding =
        FeatureEncoding.of(List.of(new Feature.Numeric("carat"), new Feature.Numeric("y")), rows);

    assertThat(encoding.encode(rows)).isSameAs(rows);
    assertThat(stages(encoding.pipeline())).containsExactly("VectorAssembler");
    assertThat(encoding.columns().values().toString())
        .isEqualTo(List.of(functions.col("carat"), functions.col("y")).toString());
  }

  private static List<String> stages(PipelineModel pipeline) {
    return Arrays.stream(pipeline.stages()).map(stage -> stage.getClass().getSimpleName()).toList();
  }

  @Test
  void theStagesAreMllibsOwnInTheirOrder() {
    List<Feature> features =
        List.of(
            CUT,
            BMI,
            new Category("color", List.of("D", "E"), Unknown.QUARANTINE),
            new Category("clarity", List.of("IF"), Unknown.BASE));
    PipelineModel pipeline = FeatureEncoding.of(features, table()).pipeline();

    assertThat(stages(pipeline))
        .containsExactly(
            "SQLTransformer",
            "ImputerModel",
            "StringIndexerModel",
            "StringIndexerModel",
            "OneHotEncoderModel",
            "VectorAssembler",
            "VectorSlicer");
    StringIndexerModel strict = (StringIndexerModel) pipeline.stages()[2];
    StringIndexerModel keeping = (StringIndexerModel) pipeline.stages()[3];
    assertThat(strict.getHandleInvalid()).isEqualTo("error");
    assertThat(strict.getOutputCols()).containsExactly("_index_color");
    assertThat(keeping.getHandleInvalid()).isEqualTo("keep");
    assertThat(keeping.getInputCols()).containsExactly("cut", "clarity");
    assertThat(((OneHotEncoderModel) pipeline.stages()[4]).categorySizes())
        .containsExactly(4, 2, 2);
  }

  @Test
  void aFittedPipelineIsSavedLoadedAndPredictsTheSame(@TempDir Path folder) throws Exception {
    RegressionColumns columns =
        new RegressionColumns(
            FeatureEncoding.of(List.of(CUT, BMI), table()), "y", Optional.empty());
    FittedElasticNet fitted = trainer(0.01).fit(table(), columns);
    String path = folder.resolve("pipeline").toString();
    fitted.pipeline().save(path);

    assertThat(
            PipelineModel.load(path)
                .transform(table().drop("y"))
                .select("prediction")
                .collectAsList())
        .isEqualTo(fitted.predict(table()).select("prediction").collectAsList());
    Map<String, Double> b = fitted.coefficients();
    Row odd = fitted.predict(table()).where("cut = 'Odd'").head();
    assertThat(odd.<Double>getAs("prediction"))
        .isCloseTo(
            fitted.intercept()
                + requireNonNull(b.get("cut unknown"))
                + 12 * requireNonNull(b.get("bmi")),
            within(1e-12));
  }

  private static ElasticNetTrainer trainer(double lambda) {
    return new ElasticNetTrainer(
        new LearningSettings(
            lambda, 0.5, true, true, 100, 1e-8, "normal", "squaredError", 1.35, 2));
  }

  @ParameterizedTest
  @Tag(SparkTest.COMPILED)
  @ValueSource(doubles = {0.0, 0.01})
  void aLevelThatNoRowHasGetsZeroAndLeavesTheOthersAsTheyAre(double lambda) {
    Dataset<Row> rows = table().where("cut <> 'Odd'");
    Feature bmi = new Gap("bmi", Fill.MEAN, Indicator.NONE);
    Category few = new Category("cut", List.of("Fair", "Good", "Very Good"), Unknown.BASE);
    Category more =
        new Category("cut", List.of("Fair", "Absent", "Good", "Very Good"), Unknown.BASE);

    FittedElasticNet without = fit(lambda, rows, List.of(few, bmi));
    FittedElasticNet with = fit(lambda, rows, List.of(more, bmi));

    assertThat(with.coefficients()).containsEntry("cut=Absent", 0.0);
    without
        .coefficients()
        .forEach(
            (name, value) ->
                assertThat(with.coefficients().get(name)).as(name).isCloseTo(value, within(1e-12)));
  }

  private static FittedElasticNet fit(double lambda, Dataset<Row> rows, List<Feature> features) {
    return trainer(lambda)
        .fit(
            rows, new RegressionColumns(FeatureEncoding.of(features, rows), "y", Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({"cut = 'Odd' OR cut = 'Fair', Odd", "cut IS NULL OR cut = 'Fair', null"})
  void anUnknownLevelThatIsAnErrorIsRefusedWithItsColumn(String which, String level) {
    Dataset<Row> rows = table().where(which);
    RegressionColumns columns =
        new RegressionColumns(
            FeatureEncoding.of(
                List.of(new Feature.Numeric("carat"), category(Unknown.QUARANTINE)), rows),
            "y",
            Optional.empty());
    LearningSettings huber =
        new LearningSettings(0.1, 0.0, true, true, 100, 1e-6, "l-bfgs", "huber", 1.35, 2);
    for (ElasticNetTrainer trainer : List.of(trainer(0.1), new ElasticNetTrainer(huber))) {
      assertThatThrownBy(() -> trainer.fit(rows, columns))
          .isInstanceOf(LearningException.class)
          .hasMessageStartingWith("The column \"cut\" has the unknown level \"" + level + "\"");
    }
  }

  @Test
  void aNumberThatIsNullIsRefusedWithItsColumn() {
    RegressionColumns columns =
        new RegressionColumns(
            FeatureEncoding.of(List.of(CUT, new Feature.Numeric("bmi")), table()),
            "y",
            Optional.empty());

    assertThatThrownBy(() -> trainer(0.1).fit(table(), columns))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("The column \"bmi\" is null or NaN");
  }

  @Test
  void otherFailuresStayAsTheyAre() {
    FeatureEncoding encoding = FeatureEncoding.of(List.of(CUT), table());
    IllegalStateException failure = new IllegalStateException("the disk is full");

    assertThatThrownBy(
            () ->
                encoding.explaining(
                    table(),
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
  }

  @Test
  void aColumnOfGapsOnlyHasNoMean() {
    Dataset<Row> rows = table().where("bmi IS NULL");

    assertThatThrownBy(() -> FeatureEncoding.of(List.of(BMI, CUT), rows))
        .isInstanceOf(LearningException.class)
        .hasMessageContaining("has no value in the train rows")
        .hasMessageContaining("bmi");
  }

  @Test
  void modelColumnsOfOneNameAreRefused() {
    List<List<Feature>> colliding =
        List.of(
            List.of(CUT, new Feature.Numeric("cut=Good")),
            List.of(
                new Category("cut", List.of("Fair", "other"), Unknown.OTHER),
                new Feature.Numeric("cut unknown")),
            List.of(BMI, new Feature.Numeric("bmi missing")),
            List.of(new Feature.Numeric("x"), new Feature.Numeric("x")));
    for (List<Feature> features : colliding) {
      assertThatThrownBy(() -> FeatureEncoding.of(features, table()))
          .isInstanceOf(LearningException.class)
          .hasMessageStartingWith("The model would have two columns named \"");
    }
    assertThatThrownBy(
            () -> FeatureEncoding.of(List.of(CUT, new Feature.Numeric("_index_cut")), table()))
        .hasMessageStartingWith("The pipeline would have two columns named \"_index_cut\"");
  }

  @Test
  void aModelWithoutColumnsIsRefused() {
    Category single = new Category("cut", List.of("Fair"), Unknown.BASE);

    assertThatThrownBy(() -> FeatureEncoding.of(List.of(single), table()))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("The features [cut] give the model no column");
    assertThatThrownBy(() -> new Category("cut", List.of("a", "a"), Unknown.BASE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rowsWithEqualNullsShareSideAndFoldAndEveryRowHasOne() {
    Dataset<Row> rows = table().union(table().repartition(4));
    List<String> inputs = FeatureEncoding.of(List.of(CUT, BMI), table()).inputs();
    Column train = new HoldoutSplitter(new HoldoutSettings(0.5, 3L)).split(inputs).isTrain();
    Column fold = new FoldAssigner(new FoldSettings(3, List.of(5L))).assign(inputs).get(0).fold();

    List<Row> groups =
        rows.withColumn("place", functions.struct(train.as("train"), fold.as("fold")))
            .groupBy("cut", "bmi")
            .agg(
                functions.expr("count(DISTINCT place)"),
                functions.expr("count(1)"),
                functions.expr("bool_and(place.train IS NOT NULL AND place.fold BETWEEN 0 AND 2)"))
            .collectAsList();

    assertThat(groups).hasSize(6);
    for (Row group : groups) {
      assertThat(group.getLong(2)).isEqualTo(1);
      assertThat(group.getLong(3)).isEqualTo(2);
      assertThat(group.getBoolean(4)).isTrue();
    }
  }
}
