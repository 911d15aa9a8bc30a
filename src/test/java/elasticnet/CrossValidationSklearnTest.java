package elasticnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.Penalty;
import elasticnet.solver.RegParams;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import testing.SparkTest;

/**
 * The error of every fold is that of scikit-learn once its penalty is mapped; {@code
 * golden/cross-validation-sklearn.py} made the values and says how.
 */
@Tag(SparkTest.COMPILED)
class CrossValidationSklearnTest extends SparkTest {

  @ParameterizedTest
  @EnumSource
  void everyFoldHasTheErrorOfScikitLearn(Goldens.Wines wines) throws IOException {
    JsonNode golden = wines.read("sklearn");
    List<Double> lambdas = Arrays.stream(Goldens.numbers(golden.get("lambda"))).boxed().toList();
    List<Double> alphas =
        golden.get("cases").findValuesAsText("alpha").stream().map(Double::valueOf).toList();

    CrossValidation actual =
        wines.fit(
            spark(), Goldens.settings(alphas, new RegParams.Grid(lambdas), ColumnScaling.AS_IS));

    assertThat(alphas).containsExactly(0.25, 0.5, 1.0);
    for (int a = 0; a < alphas.size(); a++) {
      for (int l = 0; l < lambdas.size(); l++) {
        PathPoint point = actual.points().get(a * lambdas.size() + l);
        assertThat(point.penalty()).isEqualTo(new Penalty(alphas.get(a), lambdas.get(l)));
        for (int fold = 0; fold < 5; fold++) {
          assertThat(point.folds().get(fold).mse())
              .as("%s, fold %d", point.penalty(), fold)
              .isCloseTo(
                  golden.at("/cases/" + a + "/mse/" + l + "/" + fold).asDouble(),
                  withinPercentage(1e-8 * 100));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theBestLassoIsThatOfElasticNetCv(Goldens.Wines wines) throws IOException {
    JsonNode golden = wines.read("sklearn");
    List<Double> lambdas = Arrays.stream(Goldens.numbers(golden.get("lambda"))).boxed().toList();

    CrossValidation actual =
        wines.fit(
            spark(),
            Goldens.settings(List.of(1.0), new RegParams.Grid(lambdas), ColumnScaling.AS_IS));

    assertThat(actual.minimum().penalty().regParam())
        .isEqualTo(golden.get("best_lambda_of_lasso").asDouble());
  }
}
