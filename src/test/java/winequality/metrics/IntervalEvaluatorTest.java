package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.hash;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import testing.SparkTest;
import winequality.data.DataRefusedException;
import winequality.data.WineFiles;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.Histogram;
import winequality.data.profile.TableProfiler;

@Tag(SparkTest.COMPILED)
class IntervalEvaluatorTest extends SparkTest {

  private static final List<String> FEATURES = WineFiles.description().features();
  private static final EvaluationColumns COLUMNS =
      new EvaluationColumns(FEATURES, "quality", Optional.empty());
  private static final Map<String, Column> MODEL_COLUMNS = Map.of("pH", col("pH"));

  private static final BootstrapSettings SETTINGS = new BootstrapSettings(400, 0.95, 11L);
  private static final double ROUNDING = 1e-12;

  private static final Column TRAIN = col("alcohol").lt(10.5);
  private static final String ADAPTIVE = "spark.sql.adaptive.enabled";

  /** Mean quality of the red wines, rounded. */
  private static final double MEAN = 5.636;

  @Test
  void theEstimatesAreThoseOfTheEvaluation() {
    RegressionIntervals intervals = evaluate(predicted());
    RegressionEvaluation evaluation =
        new HoldoutEvaluator()
            .evaluate(
                predicted()
                    .withColumn("train", lit(true))
                    .union(predicted().withColumn("train", lit(false))),
                COLUMNS,
                MODEL_COLUMNS,
                "prediction",
                col("train"))
            .test();
    assertThat(intervals.rmse().estimate()).isCloseTo(evaluation.rmse(), within(ROUNDING));
    assertThat(intervals.mae().estimate()).isCloseTo(evaluation.mae(), within(ROUNDING));
    assertThat(intervals.r2().orElseThrow().estimate())
        .isCloseTo(evaluation.r2().orElseThrow(), within(ROUNDING));
    assertThat(intervals.rmse().low()).isLessThan(evaluation.rmse());
    assertThat(intervals.rmse().high()).isGreaterThan(evaluation.rmse());
    // 1,359 distinct feature rows, of which some dozens share one of the 16,384 places
    assertThat(intervals.groups()).isBetween(1250, 1359);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void partitionsAndOrderChangeNothing(int partitions) {
    assertClose(
        evaluate(predicted().orderBy(col("pH").desc()).repartition(partitions)),
        evaluate(predicted()));
  }

  @Test
  void aTableThatIsWrittenTwiceIsNotMoreSure() {
    assertClose(evaluate(predicted().union(predicted())), evaluate(predicted()));
  }

  @Test
  void aRowOfWeightTwoCountsAsTwoRows() {
    Column weight = pmod(hash(col("alcohol"), col("pH"), col("quality")), lit(3));
    Dataset<Row> weighted = predicted().withColumn("w", weight.cast("double"));
    Dataset<Row> repeated =
        weighted.withColumn("times", explode(sequence(lit(1), lit(3)))).where("times <= w");
    EvaluationColumns columns = new EvaluationColumns(FEATURES, "quality", Optional.of("w"));
    assertClose(evaluate(SETTINGS, weighted, columns, "prediction", MEAN), evaluate(repeated));
    HoldoutEvaluator evaluator = new HoldoutEvaluator();
    Column side = col("pH").gt(3.3);
    HoldoutEvaluation actual =
        evaluator.evaluate(weighted, columns, MODEL_COLUMNS, "prediction", side);
    HoldoutEvaluation expected =
        evaluator.evaluate(repeated, COLUMNS, MODEL_COLUMNS, "prediction", side);
    assertThat(actual)
        .usingRecursiveComparison()
        .withComparatorForType(
            (one, other) -> Math.abs(one - other) < 1e-9 ? 0 : Double.compare(one, other),
            Double.class)
        .withComparatorForType(
            (one, other) -> Math.abs(one.orElse(-1) - other.orElse(-1)) < 1e-9 ? 0 : 1,
            OptionalDouble.class)
        .ignoringFields("train.rows", "test.rows")
        .isEqualTo(expected);
    // rows of weight 0 count nowhere
    assertThat(actual.train().rows()).isEqualTo(weighted.where("w > 0").where(side).count());
  }

  @Test
  void theBaselineIsComparedOnTheSameRows() {
    RegressionIntervals intervals = evaluate(predicted());
    RegressionIntervals baseline =
        evaluate(
            SETTINGS, predicted().withColumn("prediction", lit(MEAN)), COLUMNS, "prediction", MEAN);
    assertThat(intervals.baselineDifference().estimate())
        .isCloseTo(intervals.rmse().estimate() - baseline.rmse().estimate(), within(ROUNDING));
    assertThat(intervals.baselineDifference().high()).isNegative();
    assertThat(baseline.baselineDifference()).isEqualTo(new Interval(0.0, 0.0, 0.0));
  }

  @Test
  void theSampleIsDrawnFromTheDistinctRowsAndTheSameAtAnyNumberOfPartitions() {
    List<LabelledPrediction> sample = evaluate(predicted()).sample();
    assertThat(sample).hasSize(evaluate(predicted()).groups());
    assertThat(evaluate(predicted().union(predicted()).repartition(5)).sample()).isEqualTo(sample);
    List<LabelledPrediction> all =
        predicted().collectAsList().stream()
            .map(row -> new LabelledPrediction(row.getAs("quality"), row.getAs("prediction")))
            .toList();
    assertThat(all).containsAll(sample);
  }

  @Test
  void aLargeTableSendsNoMoreThanItsGroupsAndASampleOfThem() {
    Dataset<Row> large =
        spark()
            .range(0, 200_000, 1, 4)
            .selectExpr("double(id) x", "double(id % 10) y", "double(id % 10) + 1 p");
    RegressionIntervals intervals =
        evaluate(
            SETTINGS, large, new EvaluationColumns(List.of("x"), "y", Optional.empty()), "p", 4.5);
    assertThat(intervals.groups()).isBetween(EvaluationPass.GROUPS - 10, EvaluationPass.GROUPS);
    assertThat(intervals.sample()).hasSize(2000);
    // a fair sample: each label has a tenth of it, 200 with a standard deviation of 13
    for (int label = 0; label < 10; label++) {
      double wanted = label;
      assertThat(intervals.sample().stream().filter(row -> row.label() == wanted))
          .hasSizeBetween(140, 260);
    }
  }

  @Test
  void labelsFarFromZeroLoseNothing() {
    Dataset<Row> far =
        predicted()
            .withColumn("quality", col("quality").plus(1e6))
            .withColumn("prediction", col("prediction").plus(1e6));
    Interval expected = evaluate(predicted()).r2().orElseThrow();
    Interval actual = evaluate(far).r2().orElseThrow();
    assertThat(actual.low()).isCloseTo(expected.low(), within(1e-8));
    assertThat(actual.high()).isCloseTo(expected.high(), within(1e-8));
  }

  @Test
  void aConstantLabelHasNoR2() {
    RegressionIntervals intervals = evaluate(predicted().withColumn("quality", lit(5.0)));
    assertThat(intervals.r2()).isEmpty();
    assertThat(intervals.rmse().isBounded()).isTrue();
  }

  @Test
  void fewDistinctRowsHaveNoBounds() {
    RegressionIntervals intervals = evaluate(predicted().limit(20));
    assertThat(intervals.rmse().isBounded()).isFalse();
    assertThat(intervals.rmse().estimate()).isPositive();
  }

  @Test
  void noRowIsSaid() {
    assertThatThrownBy(() -> evaluate(predicted().where("false")))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageStartingWith("There is no row to evaluate");
  }

  @Test
  void theRowsAreReadOnceWhateverTheNumberOfReplicates() throws Exception {
    AtomicLong jobs = new AtomicLong();
    AtomicLong rowsRead = new AtomicLong();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart job) {
            jobs.incrementAndGet();
          }

          @Override
          public void onTaskEnd(SparkListenerTaskEnd task) {
            rowsRead.addAndGet(task.taskMetrics().inputMetrics().recordsRead());
          }
        };
    Dataset<Row> rows = predicted();
    ColumnProfile label = label();
    // as for a small table: adaptive execution makes a job of each side of a shuffle
    spark().conf().set(ADAPTIVE, "false");
    spark().sparkContext().listenerBus().waitUntilEmpty(10_000);
    spark().sparkContext().addSparkListener(listener);
    try {
      everything(rows, COLUMNS, new BootstrapSettings(5000, 0.95, 1L), label);
      spark().sparkContext().listenerBus().waitUntilEmpty(10_000);
    } finally {
      spark().sparkContext().removeSparkListener(listener);
      spark().conf().unset(ADAPTIVE);
    }
    assertThat(jobs.get()).isEqualTo(1);
    assertThat(rowsRead.get()).isEqualTo(1599);
  }

  /**
   * Guarantee: the same at any number of partitions, here of both sides, with and without weights.
   */
  @ParameterizedTest
  @CsvSource({"1, ", "3, ", "7, ", "7, w"})
  void partitionsChangeNothingOfAllThatOnePassGives(int partitions, @Nullable String weight) {
    Dataset<Row> rows = predicted().withColumn("w", pmod(hash(col("pH")), lit(3)).cast("double"));
    EvaluationColumns columns =
        new EvaluationColumns(FEATURES, "quality", Optional.ofNullable(weight));
    ColumnProfile label = label();
    assertThat(everything(rows.repartition(partitions), columns, SETTINGS, label))
        .usingRecursiveComparison()
        .withComparatorForType(
            (one, other) -> Repeatability.isSame(one, other) ? 0 : Double.compare(one, other),
            Double.class)
        .withComparatorForType(
            (one, other) -> Repeatability.isSame(one.orElseThrow(), other.orElseThrow()) ? 0 : 1,
            OptionalDouble.class)
        .isEqualTo(everything(rows, columns, SETTINGS, label));
  }

  /** The mean of the train rows is known only after the pass, which has another constant. */
  @Test
  void theBaselineIsTheMeanOfTheTrainRows() {
    HoldoutEvaluator.WithIntervals all = everything(predicted(), COLUMNS, SETTINGS, label());
    double mean = all.evaluation().trainLabelMean();
    assertThat(mean).isNotCloseTo(label().mean(), within(1e-3));
    assertClose(
        all.intervals().baselineDifference(),
        evaluate(SETTINGS, predicted().where(not(TRAIN)), COLUMNS, "prediction", mean)
            .baselineDifference());
    RegressionEvaluation test = all.evaluation().test();
    assertThat(all.intervals().baselineDifference().estimate())
        .isCloseTo(test.rmse() - test.baselineRmse(), within(ROUNDING));
    assertThat(all.errors().byLabel().stream().mapToLong(LabelErrors::rows).sum())
        .isEqualTo(test.rows());
  }

  /** As those of a model with as many columns as rows, which says nothing of other rows. */
  @Test
  void residualsMuchLargerThanTheTrainRowsHaveWiderBins() {
    HoldoutEvaluator.WithIntervals wide =
        new HoldoutEvaluator()
            .evaluateWithIntervals(
                predicted(), COLUMNS, MODEL_COLUMNS, "prediction", TRAIN, SETTINGS, label(), 1e-15);
    Histogram usual = everything(predicted(), COLUMNS, SETTINGS, label()).errors().residuals();
    assertThat(wide.errors().residuals()).isEqualTo(usual);
  }

  private ColumnProfile label() {
    return new TableProfiler(WineFiles.description())
        .profile(predicted())
        .column("quality")
        .orElseThrow();
  }

  private static HoldoutEvaluator.WithIntervals everything(
      Dataset<Row> rows,
      EvaluationColumns columns,
      BootstrapSettings settings,
      ColumnProfile label) {
    return new HoldoutEvaluator()
        .evaluateWithIntervals(
            rows, columns, MODEL_COLUMNS, "prediction", TRAIN, settings, label, 0.65);
  }

  private Dataset<Row> predicted() {
    return WineFiles.wines(spark())
        .withColumn("prediction", col("alcohol").multiply(0.36).plus(1.87));
  }

  private static RegressionIntervals evaluate(Dataset<Row> rows) {
    return evaluate(SETTINGS, rows, COLUMNS, "prediction", MEAN);
  }

  static RegressionIntervals evaluate(
      BootstrapSettings settings,
      Dataset<Row> rows,
      EvaluationColumns columns,
      String prediction,
      double baseline) {
    IntervalEvaluator evaluator = new IntervalEvaluator(settings);
    return evaluator.evaluate(
        evaluator.pass(rows, columns, prediction, lit(baseline)), baseline, baseline);
  }

  private static void assertClose(RegressionIntervals actual, RegressionIntervals expected) {
    assertThat(actual.groups()).isEqualTo(expected.groups());
    assertClose(actual.rmse(), expected.rmse());
    assertClose(actual.mae(), expected.mae());
    assertClose(actual.r2().orElseThrow(), expected.r2().orElseThrow());
  }

  static void assertClose(Interval actual, Interval expected) {
    assertThat(actual.estimate()).isCloseTo(expected.estimate(), within(ROUNDING));
    assertThat(actual.low()).isCloseTo(expected.low(), within(ROUNDING));
    assertThat(actual.high()).isCloseTo(expected.high(), within(ROUNDING));
  }
}
