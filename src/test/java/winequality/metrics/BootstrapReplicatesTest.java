package winequality.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The intervals without Spark: what they promise, tried on errors whose truth is known. */
class BootstrapReplicatesTest {

  private static final int TABLES = 1000;
  private static final BootstrapSettings SETTINGS = new BootstrapSettings(500, 0.95, 3L);

  /*
   * Binomial: the share of 1,000 tables has a standard error of 0.7 points. At 300 units BCa is
   * right to within that; at 60 skewed ones every bootstrap is somewhat short (93 % for normal
   * errors in R with 2,000 tables, percentiles 92 %).
   */
  @Tag("long")
  @ParameterizedTest
  @CsvSource({"300, 0.93, 0.97", "60, 0.905, 0.96"})
  void ninetyFivePercentOfTheIntervalsHoldTheTrueRmse(int units, double least, double most) {
    assertThat(coverage(random -> normal(random, units), sums -> sums.rmse(0), 1.0))
        .isBetween(least, most);
  }

  @Tag("long")
  @Test
  void ninetyFivePercentOfTheIntervalsHoldTheTrueMae() {
    double truth = Math.sqrt(2.0 / Math.PI);
    assertThat(coverage(random -> normal(random, 300), sums -> sums.mae(0), truth))
        .isBetween(0.93, 0.97);
  }

  /** Label and error are independent with variances 4 and 1: R² is 1 − 1/4. */
  @Tag("long")
  @Test
  void ninetyFivePercentOfTheIntervalsHoldTheTrueR2() {
    assertThat(
            coverage(
                random -> normal(random, 300), sums -> sums.r2(0).orElse(Double.NaN), 1.0 - 0.25))
        .isBetween(0.93, 0.97);
  }

  /** Both models share three quarters of their error; the second has a variance of 1.25. */
  @Tag("long")
  @Test
  void ninetyFivePercentOfTheIntervalsHoldTheTrueDifference() {
    assertThat(
            coverage(
                random -> {
                  List<ErrorSums> units = new ArrayList<>();
                  for (int i = 0; i < 300; i++) {
                    double error = random.nextGaussian();
                    units.add(unit(1, 0, error, error + 0.5 * random.nextGaussian()));
                  }
                  return units;
                },
                sums -> sums.rmse(0) - sums.rmse(1),
                1.0 - Math.sqrt(1.25)))
        .isBetween(0.93, 0.97);
  }

  /**
   * Each unit is a wine and its duplicates, which have its error; row by row they are 300 more
   * rows.
   */
  @Tag("long")
  @Test
  void duplicatesTakenForIndependentRowsWouldBeTooSureAndTakenTogetherAreNot() {
    double together =
        coverage(random -> duplicates(random, Grouping.TOGETHER), sums -> sums.rmse(0), 1.0);
    double rowByRow =
        coverage(random -> duplicates(random, Grouping.ROW_BY_ROW), sums -> sums.rmse(0), 1.0);
    assertThat(together).isBetween(0.93, 0.97);
    assertThat(rowByRow).isLessThan(0.87);
  }

  @Test
  void manyUnitsGiveTheIntervalOfTheCentralLimitTheorem() {
    List<ErrorSums> units = normal(new Random(5), 4000);
    Interval mae =
        new BootstrapReplicates(units, new BootstrapSettings(20_000, 0.9, 1L))
            .interval(sums -> sums.mae(0));
    // absolute normal errors: mean sqrt(2/pi), variance 1 - 2/pi
    double standardError = Math.sqrt((1.0 - 2.0 / Math.PI) / 4000);
    assertThat(mae.high() - mae.estimate()).isCloseTo(1.645 * standardError, within(6e-4));
    assertThat(mae.estimate() - mae.low()).isCloseTo(1.645 * standardError, within(6e-4));
  }

  /**
   * Efron (1987): {@code Φ(z + (z+q)/(1 − a(z+q)))}, z the median bias, a a sixth of the skewness
   * of the jackknife, q the normal quantile. A quantile at level p of n values is at {@code
   * p·(n+1)}.
   */
  @Test
  void theBoundsAreThoseOfEfronsFormula() {
    List<ErrorSums> units = normal(new Random(8), 40);
    int replicates = 500;
    List<Double> seen = new ArrayList<>();
    Interval interval =
        new BootstrapReplicates(units, new BootstrapSettings(replicates, 0.9, 3L))
            .interval(
                sums -> {
                  seen.add(sums.rmse(0));
                  return sums.rmse(0);
                });
    assertThat(seen).hasSize(1 + replicates + 40);
    double estimate = seen.get(0);
    double[] sorted =
        seen.subList(1, 1 + replicates).stream().mapToDouble(d -> d).sorted().toArray();
    double[] without =
        seen.subList(1 + replicates, seen.size()).stream().mapToDouble(d -> d).toArray();
    for (int i = 0; i < 40; i++) {
      int left = i;
      double squares =
          IntStream.range(0, 40)
              .filter(k -> k != left)
              .mapToDouble(k -> units.get(k).values()[3])
              .sum();
      assertThat(without[i]).isCloseTo(Math.sqrt(squares / 39), within(1e-12));
    }

    double mean = Arrays.stream(without).average().orElseThrow();
    double second = Arrays.stream(without).map(d -> Math.pow(mean - d, 2)).sum();
    double third = Arrays.stream(without).map(d -> Math.pow(mean - d, 3)).sum();
    double a = third / (6.0 * Math.pow(second, 1.5));
    NormalDistribution normal = new NormalDistribution(0.0, 1.0);
    double below = Arrays.stream(sorted).filter(d -> d < estimate).count();
    double z = normal.inverseCumulativeProbability(below / replicates);
    for (double q : new double[] {-1.6448536269514722, 1.6448536269514722}) {
      double place =
          (replicates + 1) * normal.cumulativeProbability(z + (z + q) / (1.0 - a * (z + q)));
      int rank = (int) Math.floor(place);
      double expected = sorted[rank - 1] + (place - rank) * (sorted[rank] - sorted[rank - 1]);
      assertThat(q < 0 ? interval.low() : interval.high()).isCloseTo(expected, within(1e-9));
    }
  }

  /** {@code reproduce} compares intervals that earlier versions recorded. */
  @Test
  void theWeightsOfASeedAreTheSameInEveryVersion() {
    List<ErrorSums> units = IntStream.range(0, 40).mapToObj(i -> unit(1, i, 0.1 * i, 0.0)).toList();
    Interval mae =
        new BootstrapReplicates(units, new BootstrapSettings(200, 0.9, 3L))
            .interval(sums -> sums.mae(0));
    assertThat(mae.estimate()).isCloseTo(1.95, within(1e-12));
    assertThat(mae.low()).isCloseTo(1.6449212855902893, within(1e-9));
    assertThat(mae.high()).isCloseTo(2.2811065539098725, within(1e-9));
  }

  /*
   * By hand: weight 4, deviations 2 with squares 10, errors of two models with squares 4 and 16 and sizes 3 and 8. The
   * label's variation is 10 − 2²/4 = 9.
   */
  @Test
  void figuresOfSumsAreThoseWorkedByHand() {
    ErrorSums sums = new ErrorSums(new double[] {4, 2, 10, 4, 3, 16, 8});
    assertThat(sums.rmse(0)).isEqualTo(1.0);
    assertThat(sums.rmse(1)).isEqualTo(2.0);
    assertThat(sums.mae(0)).isEqualTo(0.75);
    assertThat(sums.mae(1)).isEqualTo(2.0);
    assertThat(sums.r2(0)).hasValue(1.0 - 4.0 / 9.0);
    assertThat(sums.r2(1)).hasValue(1.0 - 16.0 / 9.0);
    assertThat(new ErrorSums(new double[] {4, 8, 16, 4, 3}).r2(0)).isEmpty();
    assertThat(new ErrorSums(new double[] {4, 8e6, 16e12 + 1, 4, 3}).r2(0)).isEmpty();
  }

  @Test
  void anIntervalIsNegativeIfAllOfItIs() {
    assertThat(new Interval(-2, -3, -1).isNegative()).isTrue();
    assertThat(new Interval(-2, -3, 0).isNegative()).isFalse();
    assertThat(Interval.unbounded(-2).isNegative()).isFalse();
  }

  @Test
  void valuesAreTheSameUpToARelativeDifference() {
    assertThat(Repeatability.isSame(1e6, 1e6 + 1e-4)).isTrue();
    assertThat(Repeatability.isSame(1e-6, 1e-6 + 1e-14)).isFalse();
    assertThat(Repeatability.isSame(0.0, Double.NaN)).isFalse();
  }

  @Test
  void weightsArePoissonWithMeanOne() {
    // one figure that is a single unit's share of the rows: its weight over all weights
    List<ErrorSums> units = normal(new Random(1), 1000);
    BootstrapReplicates replicates =
        new BootstrapReplicates(units, new BootstrapSettings(20_000, 0.95, 1L));
    double[] counts = new double[4];
    replicates.interval(
        sums -> {
          synchronized (counts) {
            counts[0]++;
            counts[1] += sums.rows();
            counts[2] += (sums.rows() - 1000) * (sums.rows() - 1000);
          }
          return sums.rmse(0);
        });
    // the interval looks at the total and at each unit left out besides: 1,001 values near 1,000
    double others = 1001;
    assertThat((counts[1] - 1000 * others) / (counts[0] - others)).isCloseTo(1000, within(1.0));
    // the sum of 1,000 Poisson(1) weights has variance 1,000; standard error of it 1 %
    assertThat(counts[2] / (counts[0] - others)).isCloseTo(1000, within(40.0));
  }

  @Test
  void theSameSeedGivesTheSameIntervalAndAnotherSeedAnother() {
    List<ErrorSums> units = normal(new Random(1), 100);
    Interval once = new BootstrapReplicates(units, SETTINGS).interval(sums -> sums.rmse(0));
    Interval again = new BootstrapReplicates(units, SETTINGS).interval(sums -> sums.rmse(0));
    Interval other =
        new BootstrapReplicates(units, new BootstrapSettings(500, 0.95, 4L))
            .interval(sums -> sums.rmse(0));
    assertThat(again).isEqualTo(once);
    assertThat(other.estimate()).isEqualTo(once.estimate());
    assertThat(other.low()).isNotEqualTo(once.low());
  }

  @Test
  void aHigherConfidenceIsAWiderInterval() {
    List<ErrorSums> units = normal(new Random(1), 100);
    Interval ninety =
        new BootstrapReplicates(units, new BootstrapSettings(2000, 0.9, 3L))
            .interval(sums -> sums.rmse(0));
    Interval ninetyNine =
        new BootstrapReplicates(units, new BootstrapSettings(2000, 0.99, 3L))
            .interval(sums -> sums.rmse(0));
    assertThat(ninetyNine.low()).isLessThan(ninety.low());
    assertThat(ninetyNine.high()).isGreaterThan(ninety.high());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 29})
  void fewUnitsHaveNoBounds(int units) {
    Interval rmse =
        new BootstrapReplicates(normal(new Random(1), units), SETTINGS)
            .interval(sums -> sums.rmse(0));
    assertThat(rmse.isBounded()).isFalse();
    assertThat(rmse.estimate()).isPositive();
  }

  @Test
  void errorsThatAreAllTheSameHaveNoWidth() {
    List<ErrorSums> units = IntStream.range(0, 50).mapToObj(i -> unit(1, i, 0.3, 0.0)).toList();
    Interval mae = new BootstrapReplicates(units, SETTINGS).interval(sums -> sums.mae(0));
    assertThat(mae.low()).isCloseTo(0.3, within(1e-15));
    assertThat(mae.high()).isCloseTo(0.3, within(1e-15));
  }

  /** Every replicate in which the only other label is left out has a constant label. */
  @Test
  void aFigureThatSomeReplicatesDoNotHaveHasNoBounds() {
    List<ErrorSums> units =
        IntStream.range(0, 50).mapToObj(i -> unit(1, i == 0 ? 1 : 0, 0.1 * i, 0.0)).toList();
    Interval r2 =
        new BootstrapReplicates(units, SETTINGS).interval(sums -> sums.r2(0).orElse(Double.NaN));
    assertThat(r2.isBounded()).isFalse();
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> new BootstrapSettings(199, 0.95, 0L))
        .hasMessage("metrics.bootstrap.replicates is 199; it must lie between 200 and 100000");
    assertThatThrownBy(() -> new BootstrapSettings(200, Double.NaN, 0L))
        .hasMessage("metrics.bootstrap.confidence is NaN; it must lie between 0.5 and 0.999");
  }

  private interface Table {
    List<ErrorSums> of(Random random);
  }

  private enum Grouping {
    TOGETHER,
    ROW_BY_ROW
  }

  private static double coverage(Table table, ToDoubleFunction<ErrorSums> figure, double truth) {
    long held =
        IntStream.range(0, TABLES)
            .mapToObj(
                i ->
                    new BootstrapReplicates(
                            table.of(new Random(i)), new BootstrapSettings(500, 0.95, i))
                        .interval(figure))
            .filter(interval -> interval.low() <= truth && truth <= interval.high())
            .count();
    return (double) held / TABLES;
  }

  private static List<ErrorSums> normal(Random random, int units) {
    List<ErrorSums> table = new ArrayList<>();
    for (int i = 0; i < units; i++) {
      table.add(unit(1, 2 * random.nextGaussian(), random.nextGaussian(), 0));
    }
    return table;
  }

  private static List<ErrorSums> duplicates(Random random, Grouping grouping) {
    List<ErrorSums> table = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      double error = random.nextGaussian();
      int rows = 1;
      while (random.nextBoolean()) {
        rows++;
      }
      if (grouping == Grouping.TOGETHER) {
        table.add(unit(rows, 0, error, 0));
      } else {
        for (int row = 0; row < rows; row++) {
          table.add(unit(1, 0, error, 0));
        }
      }
    }
    return table;
  }

  private static ErrorSums unit(int rows, double label, double error, double otherError) {
    return new ErrorSums(
        new double[] {
          rows,
          rows * label,
          rows * label * label,
          rows * error * error,
          rows * Math.abs(error),
          rows * otherError * otherError,
          rows * Math.abs(otherError)
        });
  }
}
