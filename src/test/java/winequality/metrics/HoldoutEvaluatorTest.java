package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import testing.SparkTest;
import winequality.data.DataRefusedException;

@Tag("numeric")
@Tag(SparkTest.COMPILED)
class HoldoutEvaluatorTest extends SparkTest {

  private static final StructType SCHEMA =
      new StructType()
          .add("a feature", DataTypes.DoubleType)
          .add("the label", DataTypes.DoubleType)
          .add("prediction", DataTypes.DoubleType)
          .add("train", DataTypes.BooleanType);

  /*
   * By hand. Train: labels 1, 2, 6, mean 3.
   * Test: labels 2, 4, 6, predictions 3, 4, 4, errors -1, 0, 2.
   *   RMSE = sqrt((1+0+4)/3) = sqrt(5/3); MAE = (1+0+2)/3 = 1
   *   mean 4, sum of (y-4)^2 = 4+0+4 = 8, R2 = 1 - 5/8 = 0.375
   *   predictions' mean 11/3, deviations -2/3, 1/3, 1/3, their squares add up to 6/9;
   *   sum of (y-4)(p-11/3) = 4/3 + 0 + 2/3 = 2; squared correlation = 2^2 / (8 * 6/9) = 0.75
   *   the baseline predicts 3: errors -1, 1, 3: sqrt(11/3)
   */
  @Test
  void theTestSideIsAsWorkedByHand() {
    RegressionEvaluation test = evaluate(frame(1)).test();
    assertThat(test.rows()).isEqualTo(3);
    assertThat(test.rmse()).isCloseTo(Math.sqrt(5.0 / 3), within(1e-14));
    assertThat(test.mae()).isCloseTo(1.0, within(1e-14));
    assertThat(test.r2()).hasValueCloseTo(0.375, within(1e-14));
    assertThat(test.r2Correlation()).hasValueCloseTo(0.75, within(1e-14));
    assertThat(test.baselineRmse()).isCloseTo(Math.sqrt(11.0 / 3), within(1e-14));
  }

  /*
   * Train: labels 1, 2, 6, predictions 1, 3, 5: errors 0, -1, 1: RMSE sqrt(2/3), MAE 2/3;
   * sum of (y-3)^2 = 4+1+9 = 14, R2 = 1 - 2/14; the baseline is the standard deviation sqrt(14/3).
   */
  @Test
  void theTrainSideIsAsWorkedByHand() {
    HoldoutEvaluation evaluation = evaluate(frame(2));
    RegressionEvaluation train = evaluation.train();
    assertThat(train.rmse()).isCloseTo(Math.sqrt(2.0 / 3), within(1e-14));
    assertThat(train.mae()).isCloseTo(2.0 / 3, within(1e-14));
    assertThat(train.r2()).hasValueCloseTo(12.0 / 14, within(1e-14));
    assertThat(train.baselineRmse()).isCloseTo(Math.sqrt(14.0 / 3), within(1e-14));
    assertThat(evaluation.trainMeans())
        .containsExactly(Map.entry("a feature", 20.0), Map.entry("its double", 40.0));
    assertThat(evaluation.trainLabelMean()).isEqualTo(3.0);
    assertThat(evaluation.trainLabelDeviation()).isCloseTo(Math.sqrt(14.0 / 3), within(1e-14));
    // 10, 20, 30: squares about the mean 100 + 0 + 100
    assertThat(evaluation.trainDeviations().get("a feature"))
        .isCloseTo(Math.sqrt(200.0 / 3), within(1e-14));
    assertThat(evaluation.trainDeviations().get("its double"))
        .isCloseTo(2.0 * Math.sqrt(200.0 / 3), within(1e-13));
  }

  @Test
  void labelsFarFromZeroLoseNothing() {
    List<Row> shifted = new ArrayList<>();
    for (Row row : rows()) {
      shifted.add(
          row(row.getDouble(0), row.getDouble(1) + 1e8, row.getDouble(2) + 1e8, row.getBoolean(3)));
    }
    RegressionEvaluation test = evaluate(spark().createDataFrame(shifted, SCHEMA)).test();
    assertThat(test.r2()).hasValueCloseTo(0.375, within(1e-7));
    assertThat(test.r2Correlation()).hasValueCloseTo(0.75, within(1e-7));
    assertThat(test.baselineRmse()).isCloseTo(Math.sqrt(11.0 / 3), within(1e-7));
  }

  @Test
  void aConstantLabelHasNoR2() {
    RegressionEvaluation test =
        evaluate(frame(row(0, 1, 1, true), row(0, 5, 4, false), row(0, 5, 6, false))).test();
    assertThat(test.r2()).isEmpty();
    assertThat(test.r2Correlation()).isEmpty();
    assertThat(test.rmse()).isEqualTo(1.0);
  }

  @Test
  void aConstantPredictionHasNoCorrelation() {
    RegressionEvaluation test =
        evaluate(frame(row(0, 1, 1, true), row(0, 4, 5, false), row(0, 6, 5, false))).test();
    assertThat(test.r2()).isEqualTo(OptionalDouble.of(0.0));
    assertThat(test.r2Correlation()).isEmpty();
  }

  @Test
  void oneRowASideIsEnough() {
    HoldoutEvaluation evaluation = evaluate(frame(row(1, 1, 2, true), row(0, 5, 3, false)));
    assertThat(evaluation.test().rmse()).isEqualTo(2.0);
    assertThat(evaluation.test().r2()).isEmpty();
  }

  @Test
  void anEmptySideIsNamed() {
    assertThatThrownBy(() -> evaluate(frame(row(0, 1, 1, true))))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("No row is on the test side");
    assertThatThrownBy(() -> evaluate(frame(row(0, 1, 1, false))))
        .hasMessageContaining("No row is on the train side");
  }

  private static List<Row> rows() {
    return List.of(
        row(10, 1, 1, true),
        row(20, 2, 3, true),
        row(30, 6, 5, true),
        row(1, 2, 3, false),
        row(2, 4, 4, false),
        row(3, 6, 4, false));
  }

  private static Row row(double feature, double label, double prediction, boolean train) {
    return RowFactory.create(feature, label, prediction, train);
  }

  private Dataset<Row> frame(int partitions) {
    return spark().createDataFrame(rows(), SCHEMA).repartition(partitions);
  }

  private Dataset<Row> frame(Row... rows) {
    return spark().createDataFrame(List.of(rows), SCHEMA);
  }

  private static HoldoutEvaluation evaluate(Dataset<Row> frame) {
    Map<String, Column> modelColumns = new LinkedHashMap<>();
    modelColumns.put("a feature", col("a feature"));
    modelColumns.put("its double", col("a feature").multiply(2.0));
    return new HoldoutEvaluator()
        .evaluate(
            frame,
            new EvaluationColumns(List.of("a feature"), "the label", Optional.empty()),
            modelColumns,
            "prediction",
            col("train"));
  }
}
