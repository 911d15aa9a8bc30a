package elasticnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import testing.SparkTest;

/**
 * Every error of Spark's CrossValidator on the same folds, for the grid of the original series: by
 * point and fold, and their mean.
 *
 * <p>1e-6 relative is for MLlib's sake, whose iterative solver for the L1 part leaves 1e-6 of a
 * coefficient open even at a tolerance of 1e-12.
 */
@Tag(SparkTest.COMPILED)
class CrossValidationSparkTest extends SparkTest {
  private static final double PERCENT = 1e-6 * 100;

  /** Standardised for one λ only: MLlib's 90 fits take their time. */
  @ParameterizedTest
  @CsvSource({"AS_IS, '2.0, 0.5, 0.01'", "STANDARDIZED, '0.01'"})
  void everyPointAndFoldHasTheErrorOfCrossValidator(ColumnScaling scaling, String given) {
    Dataset<Row> wines = Goldens.wines(spark()).withColumn("fold", Goldens.FOLDS.fold()).cache();
    double[] alphas = {0.0, 0.5, 1.0};
    double[] lambdas = Arrays.stream(given.split(", ")).mapToDouble(Double::parseDouble).toArray();

    CrossValidation actual =
        new CrossValidationPath(
                Goldens.settings(
                    List.of(0.0, 0.5, 1.0),
                    new RegParams.Grid(Arrays.stream(lambdas).boxed().toList()),
                    scaling))
            .fit(wines, Goldens.FEATURES, Goldens.LABEL);

    Dataset<Row> assembled =
        new VectorAssembler()
            .setInputCols(Goldens.FEATURES.toArray(String[]::new))
            .setOutputCol("features")
            .transform(wines);
    LinearRegression regression =
        new LinearRegression()
            .setLabelCol(Goldens.LABEL)
            .setSolver("normal")
            .setMaxIter(1000)
            .setTol(1e-12)
            .setStandardization(scaling == ColumnScaling.STANDARDIZED);
    ParamMap[] grid =
        new ParamGridBuilder()
            .addGrid(regression.elasticNetParam(), alphas)
            .addGrid(regression.regParam(), lambdas)
            .build();
    RegressionEvaluator evaluator =
        new RegressionEvaluator().setLabelCol(Goldens.LABEL).setMetricName("rmse");
    CrossValidatorModel validated =
        new CrossValidator()
            .setEstimator(regression)
            .setEvaluator(evaluator)
            .setEstimatorParamMaps(grid)
            .setParallelism(2)
            .setNumFolds(5)
            .setFoldCol("fold")
            .setCollectSubModels(true)
            .fit(assembled);
    Map<Integer, List<Row>> byFold =
        wines.collectAsList().stream().collect(Collectors.groupingBy(row -> row.getInt(12)));

    assertThat(actual.points()).hasSize(grid.length).hasSize(3 * lambdas.length);
    for (int g = 0; g < grid.length; g++) {
      PathPoint point =
          point(
              actual,
              grid[g].apply(regression.elasticNetParam()),
              grid[g].apply(regression.regParam()));
      assertThat(point.rmse().mean())
          .as("%s", point.penalty())
          .isCloseTo(validated.avgMetrics()[g], withinPercentage(PERCENT));
      for (int fold = 0; fold < 5; fold++) {
        LinearRegressionModel model = (LinearRegressionModel) validated.subModels()[fold][g];
        double[] errors = errors(model, byFold.getOrDefault(fold, List.of()));
        FoldScore score = point.folds().get(fold);
        assertThat(score.rows()).isEqualTo(errors.length);
        assertThat(score.rmse())
            .as("%s, fold %d", point.penalty(), fold)
            .isCloseTo(
                Math.sqrt(Arrays.stream(errors).map(e -> e * e).sum() / errors.length),
                withinPercentage(PERCENT));
      }
    }
    wines.unpersist();
  }

  @ParameterizedTest
  @EnumSource
  void theWhiteWinesHaveTheErrorsOfCrossValidatorToo(ColumnScaling scaling) throws IOException {
    CrossValidation actual =
        Goldens.Wines.WHITE.fit(
            spark(),
            Goldens.settings(
                List.of(0.0, 0.5, 1.0), new RegParams.Grid(List.of(2.0, 0.5, 0.01)), scaling));

    int compared = 0;
    for (JsonNode golden : Goldens.Wines.WHITE.read("spark").get("cases")) {
      if (ColumnScaling.of(golden.get("standardize").asBoolean()) == scaling) {
        PathPoint point =
            point(actual, golden.get("alpha").asDouble(), golden.get("lambda").asDouble());
        assertThat(point.rmse().mean())
            .as("%s", point.penalty())
            .isCloseTo(golden.get("avg_metric").asDouble(), withinPercentage(PERCENT));
        for (int fold = 0; fold < 5; fold++) {
          assertThat(point.folds().get(fold).rmse())
              .as("%s, fold %d", point.penalty(), fold)
              .isCloseTo(golden.get("rmse").get(fold).asDouble(), withinPercentage(PERCENT));
        }
        compared++;
      }
    }
    assertThat(compared).isEqualTo(9);
  }

  private static double[] errors(LinearRegressionModel model, List<Row> rows) {
    return rows.stream()
        .mapToDouble(
            row -> {
              double prediction = model.intercept();
              for (int j = 0; j < Goldens.FEATURES.size(); j++) {
                prediction += model.coefficients().apply(j) * row.getDouble(j);
              }
              return row.getDouble(Goldens.FEATURES.size()) - prediction;
            })
        .toArray();
  }

  private static PathPoint point(CrossValidation actual, Object alpha, Object lambda) {
    return actual.points().stream()
        .filter(point -> alpha.equals(point.penalty().elasticNetParam()))
        .filter(point -> lambda.equals(point.penalty().regParam()))
        .findFirst()
        .orElseThrow();
  }
}
