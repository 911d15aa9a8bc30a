package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import testing.SparkTest;
import winequality.data.WineFiles;
import winequality.data.profile.Histogram;

@Tag(SparkTest.COMPILED)
class ErrorProfilerTest extends SparkTest {

  private static final Histogram GRADES =
      new Histogram(List.of(3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0), List.of(1L, 1L, 1L, 1L, 1L, 1L));

  /*
   * By hand, labels 5, 5, 8 and predictions 4, 5.5, 6: residuals 1, −0.5, 2.
   *   5: bias 0.25, MAE 0.75, RMSE sqrt((1 + 0.25)/2); 8: 2, 2, 2
   *   RMSE given as 1: bins of 0.2; 1 is in [1, 1.2), −0.5 in [−0.6, −0.4), 2 in [2, 2.2)
   */
  @Test
  void threeRowsAreAsWorkedByHand() {
    ErrorProfile profile = profile(frame(new double[][] {{5, 4}, {5, 5.5}, {8, 6}}), GRADES, 1.0);
    assertThat(profile.byLabel()).hasSize(2);
    LabelErrors five = profile.byLabel().get(0);
    assertThat(five.least()).isEqualTo(5.0);
    assertThat(five.most()).isEqualTo(5.0);
    assertThat(five.rows()).isEqualTo(2);
    assertThat(five.bias()).isCloseTo(0.25, within(1e-15));
    assertThat(five.mae()).isCloseTo(0.75, within(1e-15));
    assertThat(five.rmse()).isCloseTo(Math.sqrt(0.625), within(1e-15));
    assertThat(profile.byLabel().get(1)).isEqualTo(new LabelErrors(8, 8, 1, 2, 2, 2));
    Histogram residuals = profile.residuals();
    assertThat(residuals.edges().subList(24, 27)).containsExactly(-0.2, 0.0, 0.2);
    assertThat(count(residuals, 1.01)).isEqualTo(1);
    assertThat(count(residuals, -0.5)).isEqualTo(1);
    assertThat(count(residuals, 2.01)).isEqualTo(1);
    assertThat(residuals.counts().stream().mapToLong(Long::longValue).sum()).isEqualTo(3);
  }

  private static long count(Histogram histogram, double value) {
    long below = histogram.edges().stream().filter(edge -> edge <= value).count();
    return histogram.counts().get(Math.toIntExact(below - 1));
  }

  @Test
  void errorsBeyondTheOutermostBinsAreInThem() {
    ErrorProfile profile =
        profile(frame(new double[][] {{5, -1000}, {5, 1000}, {1e300, 0}}), GRADES, 1.0);
    assertThat(profile.residuals().counts().get(0)).isEqualTo(1);
    assertThat(profile.residuals().counts().get(49)).isEqualTo(2);
    // labels that the histogram did not know are in its open last bin
    assertThat(profile.byLabel()).extracting(LabelErrors::most).containsExactly(5.0, 1e300);
  }

  @Test
  void aContinuousLabelIsDividedByRanges() {
    Histogram ranges = new Histogram(List.of(0.0, 0.5, 2.0), List.of(5L, 5L));
    ErrorProfile profile =
        profile(frame(new double[][] {{0.1, 0}, {0.4, 0}, {0.5, 0}, {1.9, 0}}), ranges, 1.0);
    assertThat(profile.byLabel()).extracting(LabelErrors::least).containsExactly(0.1, 0.5);
    assertThat(profile.byLabel()).extracting(LabelErrors::most).containsExactly(0.4, 1.9);
  }

  @Test
  void predictionsWithoutErrorAreInOneBin() {
    ErrorProfile profile = profile(frame(new double[][] {{5, 5}, {6, 6}}), GRADES, 0.0);
    assertThat(profile.residuals().counts().get(25)).isEqualTo(2);
  }

  /** Σ over the bins is what the evaluation has over all rows. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void theBinsAddUpToTheWhole(int partitions) {
    Dataset<Row> wines =
        WineFiles.wines(spark())
            .withColumn("label", col("quality"))
            .withColumn("prediction", col("alcohol").multiply(0.36).plus(1.87))
            .repartition(partitions);
    ErrorProfile profile = profile(wines, GRADES, 0.7);
    assertThat(profile.byLabel().stream().mapToLong(LabelErrors::rows).sum()).isEqualTo(1599);
    double squares =
        profile.byLabel().stream().mapToDouble(bin -> bin.rows() * bin.rmse() * bin.rmse()).sum();
    double rmse =
        new HoldoutEvaluator()
            .evaluate(
                wines.withColumn("train", lit(true)).union(wines.withColumn("train", lit(false))),
                new EvaluationColumns(List.of("pH"), "label", Optional.empty()),
                Map.of("pH", col("pH")),
                "prediction",
                col("train"))
            .test()
            .rmse();
    assertThat(Math.sqrt(squares / 1599)).isCloseTo(rmse, within(1e-12));
    assertThat(profile.byLabel())
        .extracting(LabelErrors::least)
        .containsExactlyElementsOf(DoubleStream.of(3, 4, 5, 6, 7, 8).boxed().toList());
    assertThat(profile.residuals().counts().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(1599);
  }

  private Dataset<Row> frame(double[][] rows) {
    return spark()
        .createDataFrame(
            List.of(rows).stream().map(row -> RowFactory.create(row[0], row[1])).toList(),
            new StructType()
                .add("label", DataTypes.DoubleType)
                .add("prediction", DataTypes.DoubleType));
  }

  private static ErrorProfile profile(Dataset<Row> rows, Histogram labels, double rmse) {
    ErrorProfiler profiler = ErrorProfiler.of(labels, rmse);
    Column prediction = col("prediction");
    return profiler.profile(
        EvaluationPass.over(
            new EvaluationColumns(List.of("label"), "label", Optional.empty())
                .arrays(rows, lit(false), prediction, prediction, List.of(), 0L),
            profiler));
  }
}
