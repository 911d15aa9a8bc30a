package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elasticnet.split.Columns;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import testing.SparkTest;
import winequality.data.WineFiles;

/**
 * The figures are those that R computes for glmnet's own coefficients on all 1,599 red wines
 * ({@code golden/elastic-net-glmnet.R}). Both add up 1,599 terms in double precision, in another
 * order: 1e-12 relative leaves room for that and for nothing else.
 */
@Tag("numeric")
@Tag(SparkTest.COMPILED)
class GlmnetGoldenMetricsTest extends SparkTest {

  private static final double RELATIVE_TOLERANCE = 1e-12;

  @ParameterizedTest
  @MethodSource("cases")
  void figuresAreThoseOfR(JsonNode golden) {
    List<String> features = new ArrayList<>();
    Column prediction = lit(golden.get("intercept").asDouble());
    for (Map.Entry<String, JsonNode> entry : golden.get("coefficients").properties()) {
      features.add(entry.getKey());
      prediction =
          prediction.plus(
              col(Columns.quoted(entry.getKey())).multiply(entry.getValue().asDouble()));
    }
    Dataset<Row> predicted = WineFiles.wines(spark()).withColumn("prediction", prediction);
    // the same rows on both sides: the baseline of the test side is then the in-sample mean, as in
    // R
    Dataset<Row> twice =
        predicted.withColumn("train", lit(true)).union(predicted.withColumn("train", lit(false)));

    HoldoutEvaluation evaluation =
        new HoldoutEvaluator()
            .evaluate(
                twice,
                new EvaluationColumns(features, "quality", Optional.empty()),
                Map.of(),
                "prediction",
                col("train"));

    assertThat(evaluation.train()).isEqualTo(evaluation.test());
    RegressionEvaluation test = evaluation.test();
    assertThat(test.rows()).isEqualTo(1599);
    assertFigure(golden, "rmse", OptionalDouble.of(test.rmse()));
    assertFigure(golden, "mae", OptionalDouble.of(test.mae()));
    assertFigure(golden, "r2", test.r2());
    assertFigure(golden, "r2_correlation", test.r2Correlation());
    assertFigure(golden, "baseline_rmse", OptionalDouble.of(test.baselineRmse()));
  }

  private static void assertFigure(JsonNode golden, String name, OptionalDouble actual) {
    if (golden.get(name).isNull()) {
      assertThat(actual).as(name).isEmpty();
      return;
    }
    double expected = golden.get(name).asDouble();
    assertThat(actual)
        .as(name)
        .hasValueCloseTo(expected, within(RELATIVE_TOLERANCE * Math.max(1.0, Math.abs(expected))));
  }

  static Stream<Named<JsonNode>> cases() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(
            GlmnetGoldenMetricsTest.class.getResourceAsStream("/golden/elastic-net-glmnet.json"))) {
      List<Named<JsonNode>> cases = new ArrayList<>();
      for (JsonNode one : new ObjectMapper().readTree(file).get("cases")) {
        cases.add(
            Named.of(
                "alpha %s, lambda %s, standardize %s"
                    .formatted(one.get("alpha"), one.get("lambda"), one.get("standardize")),
                one));
      }
      assertThat(cases).hasSize(18);
      return cases.stream();
    }
  }
}
