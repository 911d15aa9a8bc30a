package elasticnet;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import elasticnet.statistics.StatisticsAccumulator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import testing.SparkTest;

/** Standard errors, t and p values beside those of R's lm ({@code golden/least-squares-lm.R}). */
@Tag(SparkTest.COMPILED)
class SignificanceTesterTest extends SparkTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void errorsAndTestsAreThoseOfR(int index) throws IOException {
    JsonNode golden = Goldens.read("least-squares-lm.json").get("cases").get(index);
    List<Row> all = Goldens.wines(spark()).collectAsList();
    int rows = golden.get("rows").asInt();
    List<Row> taken =
        rows == all.size()
            ? all
            : IntStream.rangeClosed(1, rows).mapToObj(i -> all.get(100 * i - 1)).toList();
    boolean withIntercept = golden.get("fit_intercept").asBoolean();
    double intercept = 0.0;
    Map<String, Double> coefficients = new LinkedHashMap<>();
    for (JsonNode one : golden.get("coefficients")) {
      if (one.get("name").asText().equals("(Intercept)")) {
        intercept = one.get("coefficient").asDouble();
      } else {
        coefficients.put(one.get("name").asText(), one.get("coefficient").asDouble());
      }
    }

    CoefficientSignificance tests =
        new SignificanceTester(settings(0.0, withIntercept))
            .test(Goldens.statistics(taken), fit(intercept, coefficients));

    assertThat(((CoefficientSignificance.Tested) tests).degreesOfFreedom())
        .isEqualTo(golden.get("degrees_of_freedom").asLong());
    assertThat(tests.ofIntercept().isPresent()).isEqualTo(withIntercept);
    // with one degree of freedom the error that is left is a small difference of large sums
    double tolerance = rows == all.size() ? 1e-9 : 1e-6;
    for (JsonNode one : golden.get("coefficients")) {
      String name = one.get("name").asText();
      Significance test =
          (name.equals("(Intercept)") ? tests.ofIntercept() : tests.of(name)).orElseThrow();
      assertRelative(name, test.standardError(), one.get("standard_error"), tolerance);
      assertRelative(name, test.t(), one.get("t"), tolerance);
      assertRelative(name, test.p(), one.get("p"), 10 * tolerance);
    }
  }

  private static void assertRelative(String name, double actual, JsonNode expected, double by) {
    assertThat(actual)
        .as(name)
        .isCloseTo(expected.asDouble(), within(by * Math.abs(expected.asDouble())));
  }

  @Test
  void theFitOfTheJobIsTestedOnItsOwnRows() throws IOException {
    LearningSettings settings = settings(0.0, true);
    Dataset<Row> wines = Goldens.wines(spark()).repartition(3);
    FittedElasticNet fitted =
        new ElasticNetTrainer(settings).fit(wines, Goldens.FEATURES, Goldens.LABEL);
    CoefficientSignificance tests =
        new SignificanceTester(settings).test(wines, Goldens.COLUMNS, fitted, Optional.empty());
    for (JsonNode one :
        Goldens.read("least-squares-lm.json").get("cases").get(0).get("coefficients")) {
      String name = one.get("name").asText();
      Significance test =
          (name.equals("(Intercept)") ? tests.ofIntercept() : tests.of(name)).orElseThrow();
      assertRelative(name, test.standardError(), one.get("standard_error"), 1e-6);
      // MLlib's coefficients, which do not come from these moments
      assertThat(test.t()).as(name).isCloseTo(one.get("t").asDouble(), within(1e-4));
    }
  }

  /*
   * By hand: x = 1, 2, 3, 4, y = 1, 3, 2, 4. x̄ = y = 2.5, Sxx = 5, Sxy = 4, Syy = 5: b = 0.8,
   * b0 = 0.5. RSS = 5 − 0.8·4 = 1.8, s² = 0.9 on 2 degrees of freedom.
   * SE(b) = sqrt(0.9/5), t = 0.8/SE = 1.885618; SE(b0) = sqrt(0.9·(1/4 + 6.25/5)) = sqrt(1.35).
   * p on 2 degrees of freedom is 1 − t/sqrt(2 + t²) = 1 − 0.8 = 0.2.
   */
  @Test
  void fourRowsAreAsWorkedByHand() {
    StatisticsAccumulator rows = new StatisticsAccumulator(2);
    rows.add(new double[] {1, 1, 2, 3, 3, 2, 4, 4}, 0);
    rows.add(new double[] {1, 1, 2, 3, 3, 2, 4, 4}, 2);
    rows.add(new double[] {1, 1, 2, 3, 3, 2, 4, 4}, 4);
    rows.add(new double[] {1, 1, 2, 3, 3, 2, 4, 4}, 6);
    CoefficientSignificance tests =
        new SignificanceTester(settings(0.0, true))
            .test(rows.statistics(), fit(0.5, Map.of("x", 0.8)));
    Significance x = tests.of("x").orElseThrow();
    assertThat(x.standardError()).isCloseTo(Math.sqrt(0.9 / 5), within(1e-14));
    assertThat(x.t()).isCloseTo(1.885618083, within(1e-9));
    assertThat(x.p()).isCloseTo(0.2, within(1e-12));
    assertThat(tests.ofIntercept().orElseThrow().standardError())
        .isCloseTo(Math.sqrt(1.35), within(1e-14));
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, squaredError, normal, the penalty is 0.5",
    "0, huber, l-bfgs, the loss is huber"
  })
  void withoutLeastSquaresNothingIsReadAndTheReasonGiven(
      double regParam, String loss, String solver, String reason) {
    LearningSettings settings =
        new LearningSettings(regParam, 0.0, false, true, 100, 1e-6, solver, loss, 1.35, 2);
    Dataset<Row> unreadable =
        Goldens.wines(spark()).withColumn("pH", col("pH").divide(lit(0.0)).cast("int"));
    assertThat(
            new SignificanceTester(settings)
                .test(unreadable, Goldens.COLUMNS, fit(0.0, Map.of("pH", 1.0)), Optional.empty()))
        .isEqualTo(new CoefficientSignificance.Untested(reason));
  }

  @Test
  void columnsThatFollowFromOthersAreSaid() {
    assertThat(testOf(10, i -> new double[] {i, 2.0 * i, i % 3}, 0.1, 0.0))
        .isEqualTo(new CoefficientSignificance.Untested("1 of the columns follow from the others"));
  }

  @Test
  void aConstantColumnIsSaid() {
    assertThat(testOf(10, i -> new double[] {i, 7.0, i % 3}, 0.1, 0.0))
        .isEqualTo(new CoefficientSignificance.Untested("1 of the columns follow from the others"));
  }

  @Test
  void tooFewRowsAreSaid() {
    assertThat(testOf(3, i -> new double[] {i, i * i, i % 2}, 0.1, 0.0))
        .isEqualTo(new CoefficientSignificance.Untested("3 rows are too few for 2 features"));
  }

  /** Up to rounding, in any unit of the label. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 1.0, 1e6})
  void aFitWithoutErrorIsSaid(double unit) {
    double b = unit * Math.PI;
    double c = unit / 3.0;
    assertThat(testOf(10, i -> new double[] {i, i * i, b * i + c * i * i}, b, c))
        .isEqualTo(new CoefficientSignificance.Untested("the fit leaves no error"));
  }

  private interface Rows {
    double[] row(int index);
  }

  private static CoefficientSignificance testOf(int count, Rows rows, double first, double second) {
    StatisticsAccumulator accumulator = new StatisticsAccumulator(3);
    for (int i = 0; i < count; i++) {
      accumulator.add(rows.row(i), 0);
    }
    Map<String, Double> coefficients = new LinkedHashMap<>();
    coefficients.put("a", first);
    coefficients.put("b", second);
    return new SignificanceTester(settings(0.0, true))
        .test(accumulator.statistics(), fit(0.0, coefficients));
  }

  private static FittedElasticNet fit(double intercept, Map<String, Double> coefficients) {
    return new FittedElasticNet(
        new PipelineModel("pipeline", new Transformer[0]),
        intercept,
        coefficients,
        new ArrayList<>(),
        0.5);
  }

  private static LearningSettings settings(double regParam, boolean fitIntercept) {
    return new LearningSettings(
        regParam, 0.0, false, fitIntercept, 100, 1e-12, "normal", "squaredError", 1.35, 2);
  }
}
