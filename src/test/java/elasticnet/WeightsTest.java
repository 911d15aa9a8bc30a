package elasticnet;

import static java.util.Objects.requireNonNull;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import elasticnet.encoding.Feature;
import elasticnet.encoding.FeatureEncoding;
import elasticnet.encoding.RegressionColumns;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import elasticnet.split.FoldSettings;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import testing.SparkTest;

/** A whole weight is worth as many equal rows. */
@Tag("numeric")
class WeightsTest extends SparkTest {
  private static final RegressionColumns WEIGHTED =
      new RegressionColumns(
          FeatureEncoding.ofNumbers(Goldens.FEATURES), Goldens.LABEL, Optional.of("w"));

  /** Weights of 0 to 3 that equal wines share, so that folds of both tables are the same. */
  private Dataset<Row> wines() {
    return Goldens.wines(spark())
        .withColumn("w", expr("pmod(hash(alcohol, pH), 4)"))
        .repartition(2);
  }

  private Dataset<Row> repeated() {
    return wines().withColumn("copy", expr("explode(array_repeat(0, w))")).drop("copy");
  }

  private static LearningSettings settings(
      double lambda, double alpha, boolean standardization, boolean intercept, String loss) {
    String solver = loss.equals("huber") ? "l-bfgs" : "normal";
    return new LearningSettings(
        lambda, alpha, standardization, intercept, 500, 1e-10, solver, loss, 1.35, 2);
  }

  @ParameterizedTest
  @CsvSource({"0.02, 0.5, true", "0.1, 0.0, false", "0.005, 1.0, true", "0.0, 0.0, true"})
  void aWholeWeightFitsAsRepeatedRows(double lambda, double alpha, boolean standardization) {
    ElasticNetTrainer trainer =
        new ElasticNetTrainer(settings(lambda, alpha, standardization, true, "squaredError"));

    FittedElasticNet weighted = trainer.fit(wines(), WEIGHTED);

    assertEqual(weighted, trainer.fit(repeated(), Goldens.COLUMNS), 1e-9);
    // MLlib's own fit reads the weights too
    assertEqual(trainer.fitByMllib(wines(), WEIGHTED, Optional.empty()), weighted, 1e-3);
    // serving needs no weight
    assertThat(weighted.predict(Goldens.wines(spark())).count()).isEqualTo(1599);
  }

  @Test
  void aRowOfWeightZeroIsInNoMeanThatFillsAGap() {
    Dataset<Row> rows =
        spark()
            .sql(
                "SELECT * FROM VALUES (1D, 2D, 1D), (3D, 1D, 1D), (NULL, 4D, 1D), (98D, 9D, 0D)"
                    + " AS t(x, y, w)");
    RegressionColumns columns =
        RegressionColumns.of(
            List.of(new Feature.Gap("x", Feature.Gap.Fill.MEAN, Feature.Gap.Indicator.NONE)),
            "y",
            Optional.of("w"),
            rows);
    assertThat(
            columns
                .features()
                .encode(rows.where("x IS NULL"))
                .select(columns.features().columns().get("x"))
                .first()
                .getDouble(0))
        .isEqualTo(2.0);
  }

  @ParameterizedTest
  @CsvSource({"true, huber", "false, squaredError"})
  void fitsThatAreMllibsOwnReadTheWeightsToo(boolean intercept, String loss) {
    ElasticNetTrainer trainer = new ElasticNetTrainer(settings(0.05, 0.0, true, intercept, loss));

    // where L-BFGS stops depends on the rows' order
    assertEqual(trainer.fit(wines(), WEIGHTED), trainer.fit(repeated(), Goldens.COLUMNS), 1e-2);
  }

  private static void assertEqual(
      FittedElasticNet actual, FittedElasticNet expected, double relative) {
    assertThat(actual.intercept())
        .isCloseTo(expected.intercept(), within(relative * Math.abs(expected.intercept())));
    expected
        .coefficients()
        .forEach(
            (name, value) ->
                assertThat(requireNonNull(actual.coefficients().get(name)))
                    .as(name)
                    .isCloseTo(value, within(relative * Math.abs(value))));
  }

  private static TuningSettings tuning(int folds) {
    return new TuningSettings(
        new FoldSettings(folds, List.of(3L)),
        List.of(0.5),
        new RegParams.Sequence(5, 1e-2),
        ColumnScaling.STANDARDIZED,
        SelectionMeasure.MSE,
        SelectionRule.MINIMUM,
        TuningSettings.AbsoluteError.MEASURED,
        Goldens.TIGHT);
  }

  @Test
  void aWholeWeightIsCrossValidatedAsRepeatedRows() {
    CrossValidationPath by = new CrossValidationPath(tuning(4));

    List<PathPoint> weighted = by.fit(wines(), WEIGHTED).points();
    List<PathPoint> repeated = by.fit(repeated(), Goldens.COLUMNS).points();

    for (int i = 0; i < repeated.size(); i++) {
      PathPoint actual = weighted.get(i);
      PathPoint expected = repeated.get(i);
      assertThat(actual.penalty().regParam())
          .isCloseTo(expected.penalty().regParam(), withinPercentage(1e-8));
      assertClose(actual.mse(), expected.mse());
      assertClose(actual.rmse(), expected.rmse());
      assertClose(actual.r2().orElseThrow(), expected.r2().orElseThrow());
      assertClose(actual.mae().orElseThrow(), expected.mae().orElseThrow());
      assertThat(actual.folds().get(0).weight()).isEqualTo((double) expected.folds().get(0).rows());
      for (int j = 0; j < Goldens.FEATURES.size(); j++) {
        double value = expected.solution().coefficient(j);
        assertThat(actual.solution().coefficient(j))
            .isCloseTo(value, within(1e-9 * Math.abs(value) + 1e-12));
      }
    }
  }

  private static void assertClose(Estimate actual, Estimate expected) {
    assertThat(actual.mean()).isCloseTo(expected.mean(), within(1e-9));
    assertThat(actual.standardError()).isCloseTo(expected.standardError(), within(1e-9));
  }

  @Test
  void aFoldWhoseRowsHaveTheWeightZeroIsEmptyAndALargestNumberOfFoldsNamed() {
    Dataset<Row> few = wines().limit(300).withColumn("w", expr("if(pH < 3.1, 1.0, 0.0)"));

    assertThatThrownBy(() -> new CrossValidationPath(tuning(200)).fit(few, WEIGHTED))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("200 folds are too many for the train rows")
        .hasMessageContaining(" folds work");
  }
}
