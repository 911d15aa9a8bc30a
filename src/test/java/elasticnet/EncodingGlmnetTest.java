package elasticnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import elasticnet.encoding.Feature;
import elasticnet.encoding.FeatureEncoding;
import elasticnet.encoding.RegressionColumns;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import elasticnet.solver.SolverSettings;
import elasticnet.split.FoldSettings;
import elasticnet.split.Folds;
import elasticnet.statistics.SufficientStatistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import testing.SparkTest;

/**
 * Categories, gaps and weights have the coefficients, errors and tests of R's glmnet, cv.glmnet and
 * lm on tables that R ships; {@code golden/encoding-glmnet.R} made the values.
 */
@Tag("numeric")
class EncodingGlmnetTest extends SparkTest {
  private static final double RELATIVE = 1e-6;

  @ParameterizedTest
  @MethodSource("tables")
  void everyCoefficientIsThatOfGlmnet(Table golden) {
    Dataset<Row> train = rows(golden).persist();
    RegressionColumns columns = columns(golden, train);
    Optional<SufficientStatistics> statistics = Optional.empty();
    for (JsonNode one : golden.json().get("cases")) {
      LearningSettings settings =
          settings(
              one.get("lambda").asDouble(),
              one.get("alpha").asDouble(),
              one.get("standardize").asBoolean());
      ElasticNetTrainer trainer = new ElasticNetTrainer(settings);
      statistics = trainer.statistics(train, columns, statistics);

      FittedElasticNet fitted = trainer.fit(train, columns, statistics);

      assertThat(fitted.coefficients().keySet())
          .containsExactlyElementsOf(texts(golden.json().get("columns")));
      assertRelative(
          one.toString(),
          List.copyOf(fitted.coefficients().values()),
          numbers(one.get("coefficients")),
          RELATIVE);
      assertRelative(
          one.toString(),
          List.of(fitted.intercept()),
          List.of(one.get("intercept").asDouble()),
          RELATIVE);
    }
  }

  @ParameterizedTest
  @MethodSource("tables")
  void theErrorsOfUnseenRowsAreThoseOfCvGlmnet(Table golden) {
    Dataset<Row> train = rows(golden).repartition(3);
    JsonNode cv = golden.json().get("cv");
    TuningSettings settings =
        new TuningSettings(
            new FoldSettings(5, List.of(1L)),
            List.of(0.5),
            new RegParams.Grid(numbers(cv.get("lambda"))),
            ColumnScaling.STANDARDIZED,
            SelectionMeasure.MSE,
            SelectionRule.MINIMUM,
            TuningSettings.AbsoluteError.MEASURED,
            new SolverSettings(1e-13, 10_000));

    CrossValidation path =
        new CrossValidationPath(settings)
            .fit(train, columns(golden, train), List.of(new Folds("fold", 5)));

    for (int i = 0; i < path.points().size(); i++) {
      PathPoint point = path.points().get(i);
      Estimate mae = point.mae().orElseThrow();
      assertThat(point.mse().mean())
          .isCloseTo(cv.get("cvm").get(i).asDouble(), withinPercentage(1e-6));
      assertThat(point.mse().standardError())
          .isCloseTo(cv.get("cvsd").get(i).asDouble(), withinPercentage(1e-6));
      assertThat(mae.mean()).isCloseTo(cv.get("mae").get(i).asDouble(), withinPercentage(1e-6));
      assertThat(mae.standardError())
          .isCloseTo(cv.get("mae_sd").get(i).asDouble(), withinPercentage(1e-6));
    }
  }

  @ParameterizedTest
  @MethodSource("tables")
  void leastSquaresAndItsTestsAreThoseOfLm(Table golden) {
    Dataset<Row> train = rows(golden);
    RegressionColumns columns = columns(golden, train);
    LearningSettings settings = settings(0.0, 0.0, true);
    JsonNode lm = golden.json().get("lm");

    FittedElasticNet fitted = new ElasticNetTrainer(settings).fit(train, columns);
    CoefficientSignificance tests =
        new SignificanceTester(settings).test(train, columns, fitted, Optional.empty());

    List<Double> coefficients = new ArrayList<>(List.of(fitted.intercept()));
    coefficients.addAll(fitted.coefficients().values());
    List<Significance> significance = new ArrayList<>(List.of(tests.ofIntercept().orElseThrow()));
    fitted.coefficients().keySet().forEach(name -> significance.add(tests.of(name).orElseThrow()));
    assertThat(((CoefficientSignificance.Tested) tests).degreesOfFreedom())
        .isEqualTo(lm.get("degrees_of_freedom").asLong());
    assertRelative("coefficients", coefficients, numbers(lm.get("coefficient")), RELATIVE);
    assertRelative(
        "errors",
        significance.stream().map(Significance::standardError).toList(),
        numbers(lm.get("standard_error")),
        RELATIVE);
    assertRelative(
        "t", significance.stream().map(Significance::t).toList(), numbers(lm.get("t")), RELATIVE);
    assertRelative(
        "p",
        significance.stream().map(Significance::p).toList(),
        numbers(lm.get("p")),
        10 * RELATIVE);
  }

  private static void assertRelative(
      String name, List<Double> actual, List<Double> expected, double by) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      // a coefficient that glmnet removes is exactly 0 here too
      assertThat(actual.get(i))
          .as("%s, %d", name, i)
          .isCloseTo(expected.get(i), within(by * Math.abs(expected.get(i))));
    }
  }

  private static LearningSettings settings(double lambda, double alpha, boolean standardize) {
    return new LearningSettings(
        lambda, alpha, standardize, true, 100, 1e-8, "normal", "squaredError", 1.35, 2);
  }

  private static RegressionColumns columns(Table golden, Dataset<Row> train) {
    List<Feature> features = new ArrayList<>();
    for (JsonNode one : golden.json().get("features")) {
      features.add(feature(one.get("name").asText(), one));
    }
    return new RegressionColumns(
        FeatureEncoding.of(features, train),
        golden.json().get("label").asText(),
        Optional.of(golden.json().get("weight")).filter(JsonNode::isTextual).map(JsonNode::asText));
  }

  private static Feature feature(String name, JsonNode json) {
    return switch (json.get("kind").asText()) {
      case "number" -> new Feature.Numeric(name);
      case "gap" ->
          new Feature.Gap(
              name,
              Feature.Gap.Fill.valueOf(json.get("fill").asText()),
              Feature.Gap.Indicator.valueOf(json.get("indicator").asText()));
      default ->
          new Feature.Category(
              name,
              texts(json.get("levels")),
              Feature.Category.Unknown.valueOf(json.get("unknown").asText()));
    };
  }

  /** The rows, with the fold that cv.glmnet put them into. */
  private Dataset<Row> rows(Table golden) {
    StructType schema = new StructType();
    List<JsonNode> values = new ArrayList<>();
    for (var column : golden.json().get("rows").properties()) {
      boolean text =
          StreamSupport.stream(column.getValue().spliterator(), false)
              .anyMatch(JsonNode::isTextual);
      schema = schema.add(column.getKey(), text ? DataTypes.StringType : DataTypes.DoubleType);
      values.add(column.getValue());
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < values.get(0).size(); i++) {
      Object[] cells = new Object[values.size() + 1];
      for (int column = 0; column < values.size(); column++) {
        JsonNode cell = values.get(column).get(i);
        cells[column] = cell.isNull() ? null : cell.isTextual() ? cell.asText() : cell.asDouble();
      }
      cells[values.size()] = (i + 1) % 5;
      rows.add(RowFactory.create(cells));
    }
    return spark().createDataFrame(rows, schema.add("fold", DataTypes.IntegerType));
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static List<Double> numbers(JsonNode array) {
    return Arrays.stream(Goldens.numbers(array)).boxed().toList();
  }

  static Stream<Table> tables() throws IOException {
    return StreamSupport.stream(
            Goldens.read("encoding-glmnet.json").get("tables").spliterator(), false)
        .map(Table::new);
  }

  record Table(JsonNode json) {
    @Override
    public String toString() {
      return json.get("name").asText();
    }
  }
}
