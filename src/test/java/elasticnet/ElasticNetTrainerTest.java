package elasticnet;

import static java.util.Objects.requireNonNull;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.randn;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import testing.SparkTest;

/** The fit is exact whatever MLlib's solver makes of the columns. */
class ElasticNetTrainerTest extends SparkTest {

  private static LearningSettings settings(
      double regParam, double alpha, double tolerance, String solver) {
    return new LearningSettings(
        regParam, alpha, true, true, 100, tolerance, solver, "squaredError", 1.35, 2);
  }

  private FittedElasticNet wines(LearningSettings settings) {
    return new ElasticNetTrainer(settings)
        .fit(Goldens.wines(spark()), Goldens.FEATURES, Goldens.LABEL);
  }

  @ParameterizedTest
  @CsvSource({"0.01, 0.5", "0.003, 1.0", "0.1, 0.0", "0.0, 0.0"})
  void toleranceAndSolverDoNotChangeTheResult(double regParam, double alpha) {
    FittedElasticNet exact = wines(settings(regParam, alpha, 1e-13, "normal"));
    FittedElasticNet loose = wines(settings(regParam, alpha, 1e-2, "l-bfgs"));

    assertThat(loose.intercept()).isCloseTo(exact.intercept(), withinPercentage(1e-8));
    exact
        .coefficients()
        .forEach(
            (name, value) ->
                assertThat(loose.coefficients().get(name))
                    .as(name)
                    .isCloseTo(value, within(1e-10 * Math.abs(value))));
  }

  /** Unix seconds within an hour: the mean is a million times the deviation. */
  private Dataset<Row> readings(double origin) {
    return spark()
        .range(400)
        .select(
            col("id").multiply(9).plus(origin).as("t"),
            col("id").multiply(9).divide(1800).plus(col("id").multiply(37).mod(11)).as("y"));
  }

  @ParameterizedTest
  @CsvSource({"0.0001, 0.5", "0.0001, 0.0", "0.0, 0.0"})
  void theOriginOfAColumnDoesNotChangeItsCoefficient(double regParam, double alpha) {
    ElasticNetTrainer trainer = new ElasticNetTrainer(settings(regParam, alpha, 1e-6, "normal"));
    double origin = 1.7e9;

    FittedElasticNet far = trainer.fit(readings(origin), List.of("t"), "y");
    FittedElasticNet near = trainer.fit(readings(0), List.of("t"), "y");

    double coefficient = requireNonNull(near.coefficients().get("t"));
    assertThat(far.coefficients().get("t")).isCloseTo(coefficient, withinPercentage(1e-8));
    assertThat(far.intercept() + origin * coefficient)
        .isCloseTo(near.intercept(), within(1e-3 * Math.abs(near.intercept())));
    // the same rows get the same predictions
    assertThat(predictions(far, readings(origin)))
        .zipSatisfy(
            predictions(near, readings(0)),
            (one, other) -> assertThat(one).isCloseTo(other, within(1e-5)));
  }

  private static List<Double> predictions(FittedElasticNet fitted, Dataset<Row> rows) {
    return fitted.predict(rows).select(FittedElasticNet.PREDICTION).collectAsList().stream()
        .map(row -> row.getDouble(0))
        .toList();
  }

  /*
   * x = 1, 2, 3, 4 and y = 1, 3, 2, 6: the means are 2.5 and 3, the centred sums of products
   * Sxy = 7, Sxx = 5, Syy = 14. The objective in docs/tuning.md has its minimum over β where
   *   Sxy/4 - λα = β·(Sxx/4 + λ(1-α)/s),
   * and with standardisation, where the penalty is on β·d and d the deviation of x, where
   *   Sxy/4 - λα·d = β·(Sxx/4 + λ(1-α)·d²/s).
   */
  @ParameterizedTest
  @CsvSource({
    "normal, 0, false", "normal, 0, true", "normal, 0.5, false", "normal, 0.5, true",
    "normal, 1, false", "normal, 1, true", "l-bfgs, 0.5, false", "l-bfgs, 0.5, true"
  })
  void theRidgePartIsDividedByTheDeviationOfTheLabel(
      String solver, double alpha, boolean standardization) {
    double lambda = 0.5;
    LearningSettings settings =
        new LearningSettings(
            lambda, alpha, standardization, true, 100, 1e-6, solver, "squaredError", 1.35, 2);
    Dataset<Row> table =
        spark().sql("SELECT * FROM VALUES (1D, 1D), (2D, 3D), (3D, 2D), (4D, 6D) AS t(x, y)");

    double fitted =
        requireNonNull(
            new ElasticNetTrainer(settings).fit(table, List.of("x"), "y").coefficients().get("x"));

    double s = Math.sqrt(14.0 / 4);
    double d = standardization ? Math.sqrt(5.0 / 4) : 1.0;
    double byHand = (7.0 / 4 - lambda * alpha * d) / (5.0 / 4 + lambda * (1 - alpha) * d * d / s);
    assertThat(fitted).isCloseTo(byHand, within(1e-14));
  }

  @ParameterizedTest
  @CsvSource({"squaredError, true", "squaredError, false", "huber, true"})
  void theTrainRmseIsThatOfTheFittedRows(String loss, boolean fitIntercept) {
    FittedElasticNet fitted =
        wines(
            new LearningSettings(
                0.01, 0.0, true, fitIntercept, 100, 1e-6, "l-bfgs", loss, 1.35, 2));
    Column error = col(Goldens.LABEL).minus(col(FittedElasticNet.PREDICTION));
    double mse =
        fitted
            .predict(Goldens.wines(spark()))
            .select(avg(error.multiply(error)))
            .first()
            .getDouble(0);
    assertThat(fitted.trainRmse()).isCloseTo(Math.sqrt(mse), withinPercentage(1e-8));
  }

  @Test
  void thePipelinePredictsWithTheseCoefficients() {
    FittedElasticNet fitted = wines(settings(0.01, 0.5, 1e-2, "l-bfgs"));
    Row first = fitted.predict(Goldens.wines(spark())).first();
    double sum = fitted.intercept();
    for (String feature : Goldens.FEATURES) {
      sum += requireNonNull(fitted.coefficients().get(feature)) * first.<Double>getAs(feature);
    }
    assertThat(first.<Double>getAs(FittedElasticNet.PREDICTION)).isCloseTo(sum, within(1e-12));
    assertThat(fitted.objectiveHistory())
        .hasSizeGreaterThan(1)
        .isSortedAccordingTo(Comparator.reverseOrder());
    // a direct solution has none
    assertThat(wines(settings(0.01, 0.0, 1e-2, "normal")).objectiveHistory()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1e200, t", "1e308, t", "1e200, y"})
  void valuesTooLargeToBeSquaredAreRefusedByName(double value, String column) {
    Dataset<Row> rows =
        readings(0)
            .withColumn(column, when(col("t").equalTo(9), lit(value)).otherwise(col(column)));
    ElasticNetTrainer trainer = new ElasticNetTrainer(settings(0.01, 0.5, 1e-6, "normal"));

    assertThatThrownBy(() -> trainer.fit(rows, List.of("t"), "y"))
        .isInstanceOf(LearningException.class)
        .hasMessageContaining("\"" + column + "\" is null, NaN, infinite or too large");
  }

  @Test
  void huberAndAModelWithoutInterceptAreMllibsOwn() {
    LearningSettings huber =
        new LearningSettings(0.1, 0.0, true, true, 100, 1e-6, "l-bfgs", "huber", 1.35, 2);
    LearningSettings through0 =
        new LearningSettings(0.1, 0.5, true, false, 100, 1e-6, "auto", "squaredError", 1.35, 2);
    Dataset<Row> wines = Goldens.wines(spark());
    for (LearningSettings own : List.of(huber, through0)) {
      ElasticNetTrainer trainer = new ElasticNetTrainer(own);
      assertThat(trainer.statistics(wines, Goldens.COLUMNS, Optional.empty())).isEmpty();
    }
    LinearRegressionModel model = (LinearRegressionModel) wines(huber).pipeline().stages()[1];
    // the scale of the noise, which Huber's loss estimates
    assertThat(model.scale()).isCloseTo(0.6, within(0.2));
  }

  /** MLlib's solution depends on variances and covariances only; l-bfgs stops early. */
  @ParameterizedTest
  @CsvSource({"normal, 0, 1e-6", "normal, 0.5, 1e-5", "normal, 1, 1e-5", "l-bfgs, 0.5, 5e-3"})
  void mllibFitsTheEquivalentTableAsTheRows(String solver, double alpha, double within) {
    Dataset<Row> wines = Goldens.wines(spark());
    ElasticNetTrainer trainer = new ElasticNetTrainer(settings(0.01, alpha, 1e-9, solver));
    FittedElasticNet rows = trainer.fitByMllib(wines, Goldens.COLUMNS, Optional.empty());
    FittedElasticNet table =
        trainer.fitByMllib(
            wines, Goldens.COLUMNS, trainer.statistics(wines, Goldens.COLUMNS, Optional.empty()));
    assertThat(table.intercept()).isCloseTo(rows.intercept(), withinPercentage(100 * within));
    rows.coefficients()
        .forEach(
            (name, value) ->
                assertThat(table.coefficients().get(name))
                    .as(name)
                    .isCloseTo(value, within(within * Math.max(1.0, Math.abs(value)))));
  }

  /** Its table of the same moments, 602 rows of 1.4 MB, is not one task's. */
  @Test
  void aWideTableIsFitted() {
    List<String> names = IntStream.range(0, 300).mapToObj(i -> "x" + i).toList();
    Dataset<Row> rows =
        spark()
            .range(400)
            .select(
                Stream.concat(
                        IntStream.range(0, 300)
                            .mapToObj(i -> randn(i).plus(100.0).as(names.get(i))),
                        Stream.of(randn(300).as("noise")))
                    .toArray(Column[]::new))
            .withColumn("y", expr("x0 - 2 * x1 + 0.01 * noise"));
    FittedElasticNet fitted =
        new ElasticNetTrainer(settings(0.01, 0.5, 1e-6, "normal")).fit(rows, names, "y");
    assertThat(fitted.coefficients().get("x0")).isCloseTo(1.0, within(0.05));
    assertThat(fitted.coefficients().get("x1")).isCloseTo(-2.0, within(0.05));
  }

  @Test
  void aConstantLabelAndASingleRowGiveTheMean() {
    Dataset<Row> wines = Goldens.wines(spark()).limit(5).withColumn(Goldens.LABEL, lit(6.0));
    ElasticNetTrainer trainer = new ElasticNetTrainer(settings(0.1, 0.5, 1e-6, "normal"));
    for (Dataset<Row> rows : List.of(wines, wines.limit(1))) {
      FittedElasticNet fitted = trainer.fit(rows, Goldens.FEATURES, Goldens.LABEL);
      assertThat(fitted.intercept()).isEqualTo(6.0);
      assertThat(fitted.coefficients().values()).containsOnly(0.0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "normal, squaredError, true",
    "normal, squaredError, false",
    "l-bfgs, squaredError, false",
    "l-bfgs, huber, true"
  })
  void noRowsAreRefused(String solver, String loss, boolean fitIntercept) {
    LearningSettings settings =
        new LearningSettings(0.1, 0.0, true, fitIntercept, 100, 1e-6, solver, loss, 1.35, 2);
    assertThatThrownBy(
            () -> new ElasticNetTrainer(settings).fit(readings(0).limit(0), List.of("t"), "y"))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("No row is on the train side");
  }
}
