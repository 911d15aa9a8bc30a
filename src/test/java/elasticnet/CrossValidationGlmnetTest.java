package elasticnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.ElasticNetSolution;
import elasticnet.solver.RegParams;
import elasticnet.statistics.FoldedStatistics;
import elasticnet.statistics.FoldedStatisticsCollector;
import elasticnet.statistics.SufficientStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import testing.SparkTest;

/**
 * Sequence, coefficients, curve and choices are those of R's glmnet and cv.glmnet, on all 1,599 red
 * and all 4,898 white wines; {@code golden/cross-validation-glmnet.R} made the values.
 */
@Tag("numeric")
@Tag(SparkTest.COMPILED)
class CrossValidationGlmnetTest extends SparkTest {
  private static final double COEFFICIENTS = 1e-6;
  private static final double CURVE_PERCENT = 1e-8 * 100;

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void thePathIsThatOfGlmnet(String name, Goldens.Wines wines, JsonNode golden) throws IOException {
    CrossValidation actual = fit(wines, golden, new RegParams.Sequence(100, 1e-4));
    double[] lambda = Goldens.numbers(golden.get("lambda"));
    SufficientStatistics rows = wines.statistics().total();

    assertThat(actual.points()).hasSize(100);
    for (int i = 0; i < 100; i++) {
      ElasticNetSolution solution = actual.points().get(i).solution();
      assertThat(solution.penalty().regParam())
          .as("lambda %d", i)
          .isCloseTo(lambda[i], withinPercentage(1e-10 * 100));
      double intercept = golden.get("intercept").get(i).asDouble();
      assertThat(solution.intercept())
          .as("intercept at lambda %d", i)
          .isCloseTo(intercept, within(COEFFICIENTS * Math.abs(intercept)));
      double[] expected = Goldens.numbers(golden.get("coefficients").get(i));
      for (int j = 0; j < expected.length; j++) {
        // at the first lambda rounding decides whether a coefficient is 0: a trace is allowed for
        double trace = 1e-13 * Math.sqrt(rows.variance(expected.length) / rows.variance(j));
        assertThat(solution.coefficient(j))
            .as("%s at lambda %d", Goldens.FEATURES.get(j), i)
            .isCloseTo(expected[j], within(COEFFICIENTS * Math.abs(expected[j]) + trace));
        if (i > 0) {
          assertThat(solution.coefficient(j) == 0.0)
              .as("%s removed at lambda %d", Goldens.FEATURES.get(j), i)
              .isEqualTo(expected[j] == 0.0);
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void theCurveAndBothChoicesAreThoseOfCvGlmnet(String name, Goldens.Wines wines, JsonNode golden)
      throws IOException {
    double[] lambda = Goldens.numbers(golden.get("lambda"));
    CrossValidation actual =
        fit(wines, golden, new RegParams.Grid(Arrays.stream(lambda).boxed().toList()));

    for (int i = 0; i < 100; i++) {
      Estimate mse = actual.points().get(i).mse();
      assertThat(mse.mean())
          .as("cvm %d", i)
          .isCloseTo(golden.get("cvm").get(i).asDouble(), withinPercentage(CURVE_PERCENT));
      assertThat(mse.standardError())
          .as("cvsd %d", i)
          .isCloseTo(golden.get("cvsd").get(i).asDouble(), withinPercentage(CURVE_PERCENT));
    }
    assertThat(actual.minimum()).isSameAs(actual.points().get(golden.get("index_min").asInt()));
    assertThat(actual.oneStandardError())
        .isSameAs(actual.points().get(golden.get("index_1se").asInt()));
  }

  @Test
  void theFoldsTheOtherProgramsReadAreThoseOfTheFoldExpression() throws Exception {
    JsonNode golden = Goldens.read("cross-validation-folds.json");
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(Goldens.WINES));

    assertThat(HexFormat.of().formatHex(digest)).isEqualTo(golden.get("data_sha256").asText());
    assertThat(Goldens.FOLDS.foldSql()).isEqualTo(golden.get("fold_sql").asText());
    List<Integer> folds =
        Goldens.wines(spark()).select(Goldens.FOLDS.fold()).collectAsList().stream()
            .map((Row row) -> row.getInt(0))
            .toList();
    assertThat(folds)
        .containsExactlyElementsOf(
            StreamSupport.stream(golden.get("folds").spliterator(), false)
                .map(JsonNode::asInt)
                .toList());
  }

  @Test
  void theStatisticsOfTheRedWinesFoldsAreThoseOfExactArithmetic() throws Exception {
    FoldedStatistics actual =
        new FoldedStatisticsCollector()
            .collect(Goldens.wines(spark()), Goldens.COLUMNS, List.of(Goldens.FOLDS));

    for (int fold = 0; fold < 5; fold++) {
      SufficientStatistics expected = Goldens.Wines.RED.statistics().repetitions().get(0).get(fold);
      SufficientStatistics collected = actual.repetitions().get(0).get(fold);
      assertThat(collected.rows()).isEqualTo(expected.rows());
      for (int i = 0; i < 12; i++) {
        assertThat(collected.mean(i)).isCloseTo(expected.mean(i), withinPercentage(1e-12 * 100));
        for (int j = i; j < 12; j++) {
          double scale = Math.sqrt(expected.product(i, i) * expected.product(j, j));
          assertThat(collected.product(i, j))
              .isCloseTo(expected.product(i, j), within(1e-12 * scale));
        }
      }
    }
  }

  @Test
  void allGoldensOfTheWhiteWinesAreOfTheSameRowsAndFolds() throws IOException {
    JsonNode statistics = Goldens.Wines.WHITE.read("statistics");

    assertThat(Goldens.Wines.WHITE.statistics().total().rows()).isEqualTo(4_898);
    assertThat(statistics.get("fold_sql").asText()).isEqualTo(Goldens.FOLDS.foldSql());
    List<String> columns = new ArrayList<>(Goldens.FEATURES);
    columns.add(Goldens.LABEL);
    assertThat(statistics.get("columns")).extracting(JsonNode::asText).isEqualTo(columns);
    for (String program : List.of("sklearn", "spark")) {
      assertThat(Goldens.Wines.WHITE.read(program).get("data_sha256"))
          .isEqualTo(statistics.get("data_sha256"));
    }
  }

  @Test
  void theGoldenValuesCoverBothTablesEveryMixtureAndStandardisation() throws IOException {
    List<String> expected = new ArrayList<>();
    for (Goldens.Wines wines : Goldens.Wines.values()) {
      for (String alpha : List.of("0", "0.5", "1")) {
        expected.add(wines + ", alpha " + alpha + ", standardised true");
        expected.add(wines + ", alpha " + alpha + ", standardised false");
      }
    }
    assertThat(cases().map(arguments -> arguments.get()[0]))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private CrossValidation fit(Goldens.Wines wines, JsonNode golden, RegParams regParams)
      throws IOException {
    return wines.fit(
        spark(),
        Goldens.settings(
            List.of(golden.get("alpha").asDouble()),
            regParams,
            ColumnScaling.of(golden.get("standardize").asBoolean())));
  }

  static Stream<Arguments> cases() throws IOException {
    List<Arguments> cases = new ArrayList<>();
    for (Goldens.Wines wines : Goldens.Wines.values()) {
      for (JsonNode golden : wines.read("glmnet").get("cases")) {
        cases.add(
            Arguments.of(
                "%s, alpha %s, standardised %s"
                    .formatted(wines, golden.get("alpha"), golden.get("standardize")),
                wines,
                golden));
      }
    }
    return cases.stream();
  }
}
