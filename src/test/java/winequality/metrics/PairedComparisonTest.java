package winequality.metrics;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import testing.SparkTest;
import winequality.data.DataRefusedException;
import winequality.data.WineFiles;

@Tag("numeric")
@Tag(SparkTest.COMPILED)
class PairedComparisonTest extends SparkTest {

  private static final List<String> FEATURES = WineFiles.description().features();
  private static final EvaluationColumns COLUMNS =
      new EvaluationColumns(FEATURES, "quality", Optional.empty());

  private static final BootstrapSettings SETTINGS = new BootstrapSettings(1000, 0.95, 11L);

  @Test
  void aModelAgainstItselfDiffersByNothingForSure() {
    PairedComparison comparison = compare(wines(), "good", "good");
    assertThat(comparison.rmse()).isEqualTo(new Interval(0.0, 0.0, 0.0));
    assertThat(comparison.mae()).isEqualTo(new Interval(0.0, 0.0, 0.0));
    assertThat(comparison.rows()).isEqualTo(1599);
  }

  @Test
  void theDifferenceIsThatOfTheTwoFigures() {
    PairedComparison comparison = compare(wines(), "good", "bad");
    RegressionIntervals good = alone("good");
    RegressionIntervals bad = alone("bad");
    assertThat(comparison.rmse().estimate())
        .isCloseTo(good.rmse().estimate() - bad.rmse().estimate(), within(1e-12));
    assertThat(comparison.mae().estimate())
        .isCloseTo(good.mae().estimate() - bad.mae().estimate(), within(1e-12));
  }

  /** The two figures' own intervals overlap, since the same wines are hard for both models. */
  @Test
  void pairingShowsADifferenceThatTheTwoIntervalsHide() {
    Interval good = alone("good").rmse();
    Interval worse = alone("slightly worse").rmse();
    assertThat(good.high()).isGreaterThan(worse.low());

    Interval difference = compare(wines(), "good", "slightly worse").rmse();
    assertThat(difference.high()).isNegative();
    assertThat(difference.high() - difference.low()).isLessThan((good.high() - good.low()) / 2.0);
  }

  @Test
  void exchangingTheModelsTurnsTheSigns() {
    PairedComparison there = compare(wines(), "good", "slightly worse");
    PairedComparison back = compare(wines(), "slightly worse", "good");
    assertThat(back.rmse().low()).isCloseTo(-there.rmse().high(), within(1e-9));
    assertThat(back.rmse().high()).isCloseTo(-there.rmse().low(), within(1e-9));
    assertThat(back.mae().estimate()).isCloseTo(-there.mae().estimate(), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void partitionsChangeNothing(int partitions) {
    PairedComparison expected = compare(wines(), "good", "bad");
    PairedComparison actual = compare(wines().repartition(partitions), "good", "bad");
    IntervalEvaluatorTest.assertClose(actual.rmse(), expected.rmse());
    IntervalEvaluatorTest.assertClose(actual.mae(), expected.mae());
    assertThat(actual.groups()).isEqualTo(expected.groups());
  }

  @Test
  void noRowIsSaid() {
    assertThatThrownBy(() -> compare(wines().where("false"), "good", "bad"))
        .isInstanceOf(DataRefusedException.class);
  }

  private Dataset<Row> wines() {
    return WineFiles.wines(spark())
        .withColumn("good", col("alcohol").multiply(0.36).plus(1.87))
        .withColumn("slightly worse", col("good").plus(col("pH").minus(3.31)))
        .withColumn("bad", col("alcohol"));
  }

  private RegressionIntervals alone(String prediction) {
    return IntervalEvaluatorTest.evaluate(SETTINGS, wines(), COLUMNS, prediction, 5.6);
  }

  private static PairedComparison compare(Dataset<Row> rows, String challenger, String champion) {
    return new IntervalEvaluator(SETTINGS).compare(rows, COLUMNS, challenger, champion);
  }
}
