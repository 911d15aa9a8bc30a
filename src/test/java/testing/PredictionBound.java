package testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Row;

/**
 * The bound that {@code sparkmlflow.model} promises for the predictions of a linear model, computed
 * without rounding for each row.
 *
 * @param features names of the columns, in the order of the coefficients
 */
public record PredictionBound(List<String> features, List<Double> coefficients, double intercept) {

  private static final MathContext UP = new MathContext(40, RoundingMode.UP);
  private static final BigDecimal U = BigDecimal.ONE.divide(BigDecimal.valueOf(1L << 53));

  /** Of a pipeline of a {@code VectorAssembler} and a linear regression. */
  public static PredictionBound of(PipelineModel pipeline) {
    LinearRegressionModel regression = (LinearRegressionModel) pipeline.stages()[1];
    return new PredictionBound(
        List.of(((VectorAssembler) pipeline.stages()[0]).getInputCols()),
        Arrays.stream(regression.coefficients().toArray()).boxed().toList(),
        regression.intercept());
  }

  /** The features' values in a row that has more columns. */
  public List<Double> values(Row row) {
    return features.stream().map(feature -> row.<Double>getAs(feature)).toList();
  }

  /** Two computations, in whatever order they add, differ by at most 2·γ·S. */
  public void assertAgree(double actual, double expected, List<Double> row) {
    assertWithin(error(row).multiply(BigDecimal.valueOf(2)), actual, new BigDecimal(expected), row);
  }

  /** One computation differs from the sum without rounding by at most γ·S. */
  public void assertAccurate(double actual, List<Double> row) {
    assertWithin(error(row), actual, exact(row), row);
  }

  /** The sum without rounding. */
  public BigDecimal exact(List<Double> row) {
    BigDecimal sum = new BigDecimal(intercept);
    for (int i = 0; i < row.size(); i++) {
      sum = sum.add(product(i, row));
    }
    return sum;
  }

  /** γ·S, with γ = m·u / (1 − m·u), m = columns + 1, and S the sum of the terms' magnitudes. */
  public BigDecimal error(List<Double> row) {
    BigDecimal magnitudes = new BigDecimal(intercept).abs();
    for (int i = 0; i < row.size(); i++) {
      magnitudes = magnitudes.add(product(i, row).abs());
    }
    BigDecimal mu = U.multiply(BigDecimal.valueOf(coefficients.size() + 1L));
    return magnitudes.multiply(mu).divide(BigDecimal.ONE.subtract(mu), UP);
  }

  private BigDecimal product(int i, List<Double> row) {
    return new BigDecimal(coefficients.get(i)).multiply(new BigDecimal(row.get(i)));
  }

  private void assertWithin(
      BigDecimal bound, double actual, BigDecimal expected, List<Double> row) {
    assertThat(row).hasSameSizeAs(coefficients);
    assertThat(new BigDecimal(actual).subtract(expected).abs())
        .as("prediction %s of %s, expected %s", actual, row, expected.doubleValue())
        .isLessThanOrEqualTo(bound);
  }
}
