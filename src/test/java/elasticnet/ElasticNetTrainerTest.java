package elasticnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import testing.SparkTest;

/** What λ means, on a table that is small enough to do by hand; the README states the formula. */
class ElasticNetTrainerTest extends SparkTest {

  /*
   * x = 1, 2, 3, 4 and y = 1, 3, 2, 6: the means are 2.5 and 3, the centred sums of products
   * Sxy = 7, Sxx = 5, Syy = 14. The README's objective has its minimum over β where
   *   Sxy/4 - λα = β·(Sxx/4 + λ(1-α)/s),
   * and with standardisation, where the penalty is on β·d and d the deviation of x, where
   *   Sxy/4 - λα·d = β·(Sxx/4 + λ(1-α)·d²/s).
   * s² = 14/divisor and d² = 5/divisor.
   */
  @ParameterizedTest
  @CsvSource({
    "normal, 4, 0, false", "normal, 4, 0, true", "normal, 4, 0.5, false", "normal, 4, 0.5, true",
    "normal, 4, 1, false", "normal, 4, 1, true", "l-bfgs, 3, 0, false", "l-bfgs, 3, 0, true",
    "l-bfgs, 3, 0.5, false", "l-bfgs, 3, 0.5, true", "l-bfgs, 3, 1, false", "l-bfgs, 3, 1, true"
  })
  void theRidgePartIsDividedByTheDeviationOfTheLabel(
      String solver, double divisor, double alpha, boolean standardization) {
    double lambda = 0.5;
    LearningSettings settings =
        new LearningSettings(
            lambda, alpha, standardization, true, 1000, 1e-14, solver, "squaredError", 1.35, 2);

    double fitted =
        new ElasticNetTrainer(settings)
            .fit(table(), List.of("x"), "y")
            .coefficients()
            .values()
            .iterator()
            .next();

    double s = Math.sqrt(14.0 / divisor);
    double d = standardization ? Math.sqrt(5.0 / divisor) : 1.0;
    double byHand = (7.0 / 4 - lambda * alpha * d) / (5.0 / 4 + lambda * (1 - alpha) * d * d / s);
    // the other divisor gives 1 % or more of difference, except for the lasso without
    // standardisation
    assertThat(fitted).isCloseTo(byHand, within(1e-6));
  }

  private Dataset<Row> table() {
    return spark()
        .createDataFrame(
            List.of(
                RowFactory.create(1.0, 1.0),
                RowFactory.create(2.0, 3.0),
                RowFactory.create(3.0, 2.0),
                RowFactory.create(4.0, 6.0)),
            new StructType().add("x", DataTypes.DoubleType).add("y", DataTypes.DoubleType));
  }
}
