package elasticnet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import testing.SparkTest;

/**
 * The trainer's coefficients are those of R's glmnet: on all 1,599 red wines, for every penalty,
 * mixture and standardisation.
 *
 * <p>{@code golden/elastic-net-glmnet.R} made the values and says why the tolerance is 1e-5.
 */
@Tag("numeric")
@Tag(SparkTest.COMPILED)
class GlmnetGoldenTest extends SparkTest {
  private static final Path WINES = Path.of("data", "winequality-red.csv");
  private static final String GOLDEN = "/golden/elastic-net-glmnet.json";
  private static final double RELATIVE_TOLERANCE = 1e-5;

  @ParameterizedTest
  @MethodSource("cases")
  void everyCoefficientAndTheInterceptAreThoseOfGlmnet(Case golden) throws IOException {
    List<String> features = List.copyOf(golden.coefficients().keySet());

    FittedElasticNet fitted =
        new ElasticNetTrainer(golden.settings()).fit(wines(), features, golden.label());

    assertThat(fitted.intercept())
        .as("%s: intercept", golden)
        .isCloseTo(golden.intercept(), within(golden.intercept()));
    assertThat(fitted.coefficients().keySet())
        .as(golden.toString())
        .containsExactlyElementsOf(features);
    // where glmnet has an exact 0 the tolerance is 0 too: the penalty has to remove the same
    // columns
    assertThat(golden.coefficients())
        .allSatisfy(
            (feature, expected) ->
                assertThat(fitted.coefficients())
                    .hasEntrySatisfying(
                        feature,
                        actual ->
                            assertThat(actual)
                                .as("%s: %s", golden, feature)
                                .isCloseTo(expected, within(expected))));
  }

  @Test
  void theGoldenValuesBelongToTheWinesOfThisProject() throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(WINES));

    assertThat(HexFormat.of().formatHex(digest)).isEqualTo(golden().at("/data/sha256").asText());
    assertThat(wines().count()).isEqualTo(golden().at("/data/rows").asLong());
  }

  @Test
  void theGoldenValuesCoverEveryMixturePenaltyAndStandardisation() throws IOException {
    List<String> expected = new ArrayList<>();
    for (double alpha : new double[] {0, 0.5, 1}) {
      for (double lambda : new double[] {0.5, 0.1, 0.01}) {
        expected.add(new Case(alpha, lambda, false, 0, Map.of(), "").toString());
        expected.add(new Case(alpha, lambda, true, 0, Map.of(), "").toString());
      }
    }

    assertThat(cases().map(Case::toString)).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(cases()).allSatisfy(golden -> assertThat(golden.coefficients()).hasSize(11));
  }

  private static Offset<Double> within(double expected) {
    return Offset.offset(RELATIVE_TOLERANCE * Math.abs(expected));
  }

  /** The file's columns, all as doubles. */
  private Dataset<Row> wines() throws IOException {
    Case any = cases().findFirst().orElseThrow();
    StructType schema = new StructType();
    for (String feature : any.coefficients().keySet()) {
      schema = schema.add(feature, DataTypes.DoubleType);
    }
    return spark()
        .read()
        .schema(schema.add(any.label(), DataTypes.DoubleType))
        .option("header", true)
        .option(
            "enforceSchema",
            false) // or Spark would not look whether the header has these names in this order
        .option("mode", "FAILFAST")
        .csv(WINES.toString());
  }

  private static JsonNode golden() throws IOException {
    try (InputStream json =
        Objects.requireNonNull(GlmnetGoldenTest.class.getResourceAsStream(GOLDEN), GOLDEN)) {
      return new ObjectMapper().readTree(json);
    }
  }

  static Stream<Case> cases() throws IOException {
    JsonNode golden = golden();
    List<Case> cases = new ArrayList<>();
    for (JsonNode node : golden.get("cases")) {
      Map<String, Double> coefficients = new LinkedHashMap<>();
      node.get("coefficients")
          .properties()
          .forEach(entry -> coefficients.put(entry.getKey(), entry.getValue().asDouble()));
      cases.add(
          new Case(
              node.get("alpha").asDouble(),
              node.get("lambda").asDouble(),
              node.get("standardize").asBoolean(),
              node.get("intercept").asDouble(),
              coefficients,
              golden.get("label").asText()));
    }
    return cases.stream();
  }

  /** One fit of glmnet. */
  record Case(
      double alpha,
      double lambda,
      boolean standardize,
      double intercept,
      Map<String, Double> coefficients,
      String label) {
    LearningSettings settings() {
      return new LearningSettings(
          lambda, alpha, standardize, true, 1000, 1e-12, "normal", "squaredError", 1.35, 2);
    }

    @Override
    public String toString() {
      return "alpha " + alpha + ", lambda " + lambda + (standardize ? ", standardised" : "");
    }
  }
}
