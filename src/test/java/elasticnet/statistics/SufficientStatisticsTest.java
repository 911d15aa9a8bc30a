package elasticnet.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("numeric")
class SufficientStatisticsTest {
  /** Relative to √(Σ(a−ā)²·Σ(b−b̄)²), which bounds a product, so that 0 is no special case. */
  private static final double TOLERANCE = 1e-12;

  @Test
  void threeRowsAreThoseWorkedByHand() {
    // x = 1, 2, 6 has mean 3 and deviations −2, −1, 3; y = 2, 4, 3 has mean 3 and deviations −1, 1,
    // 0.
    // Σxx = 4 + 1 + 9 = 14, Σxy = 2 − 1 + 0 = 1, Σyy = 1 + 1 + 0 = 2.
    SufficientStatistics three = of(new double[][] {{1, 2}, {2, 4}, {6, 3}});

    assertThat(three.rows()).isEqualTo(3);
    assertThat(three.mean(0)).isEqualTo(3);
    assertThat(three.mean(1)).isEqualTo(3);
    assertThat(three.product(0, 0)).isEqualTo(14);
    assertThat(three.product(0, 1)).isEqualTo(1);
    assertThat(three.product(1, 0)).isEqualTo(1);
    assertThat(three.product(1, 1)).isEqualTo(2);
    assertThat(three.variance(0)).isEqualTo(14.0 / 3);
  }

  @Test
  void mergingTheThreeRowsByHandGivesTheSame() {
    // {1, 2} and {2, 4}: means 1.5 and 3, Σxx = 0.5, Σxy = 1, Σyy = 2. The row {6, 3} differs by
    // 4.5 and 0,
    // weight 2·1/3: Σxx = 0.5 + 2/3·20.25 = 14, Σxy = 1 + 0, Σyy = 2 + 0.
    SufficientStatistics merged =
        of(new double[][] {{1, 2}, {2, 4}}).merge(of(new double[][] {{6, 3}}));

    assertClose(merged, of(new double[][] {{1, 2}, {2, 4}, {6, 3}}));
    assertThat(merged.product(0, 0)).isEqualTo(14);
  }

  @Test
  void aWeightedSumVariesAsWorkedByHand() {
    // 2x − 3y of the rows below: −4, −8, 12, mean 0, squares 16 + 64 + 144 = 224
    SufficientStatistics three = of(new double[][] {{1, 2}, {2, 4}, {6, 0}});

    assertThat(three.variation(new double[] {2, -3})).isEqualTo(224);
    assertThat(three.variation(new double[] {0, 1})).isEqualTo(8);
    assertThat(three.variation(new double[2])).isZero();
  }

  @Test
  void squaredErrorsAreThoseWorkedByHand() {
    // y − (2 − 3x) of the rows below: 3, 8, 19, squares 9 + 64 + 361 = 434
    SufficientStatistics three = of(new double[][] {{1, 2}, {2, 4}, {6, 3}});

    assertThat(three.squaredErrors(2, new double[] {-3})).isEqualTo(434);
  }

  @Test
  void weightedRowsAreThoseWorkedByHand() {
    // x = 1, 2, 6 with weights 2, 1, 1: total 4, mean (2 + 2 + 6)/4 = 2.5, deviations −1.5, −0.5,
    // 3.5;
    // Σwxx = 2·2.25 + 0.25 + 12.25 = 17. The row of the weight 0 counts nowhere.
    StatisticsAccumulator accumulator = new StatisticsAccumulator(1);
    double[] weights = {0, 2, 1, 1};
    double[] x = {Double.NaN, 1, 2, 6};
    for (int i = 0; i < 4; i++) {
      accumulator.add(x, i, weights[i]);
    }
    SufficientStatistics three = accumulator.statistics();

    assertThat(three.rows()).isEqualTo(3);
    assertThat(three.weight()).isEqualTo(4);
    assertThat(three.mean(0)).isEqualTo(2.5);
    assertThat(three.product(0, 0)).isCloseTo(17, within(1e-14));
    assertThat(three.variance(0)).isCloseTo(17.0 / 4, within(1e-14));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 63, 64, 200, 1000})
  void wholeWeightsEqualRepeatedRowsHoweverTheyAreMerged(int count) {
    Random random = new Random(count);
    double[][] rows = correlatedRows(count, 4, 5.0, random);
    List<double[]> repeated = new ArrayList<>();
    StatisticsAccumulator left = new StatisticsAccumulator(4);
    StatisticsAccumulator right = new StatisticsAccumulator(4);
    for (int i = 0; i < count; i++) {
      int weight = i == 0 ? 3 : random.nextInt(4);
      (random.nextBoolean() ? left : right).add(rows[i], 0, weight);
      repeated.addAll(Collections.nCopies(weight, rows[i]));
    }
    SufficientStatistics weighted = left.statistics().merge(right.statistics());
    SufficientStatistics expected = of(repeated.toArray(double[][]::new));

    assertThat(weighted.weight()).isEqualTo((double) expected.rows()).isEqualTo(expected.weight());
    for (int i = 0; i < 4; i++) {
      double deviation = Math.sqrt(expected.variance(i));
      assertThat(weighted.meanDifference(expected, i)).isCloseTo(0, within(1e-12 * deviation));
      assertThat(weighted.variance(i))
          .isCloseTo(expected.variance(i), within(1e-12 * expected.variance(i)));
      for (int j = i; j < 4; j++) {
        double scale = Math.sqrt(expected.product(i, i) * expected.product(j, j));
        assertThat(weighted.product(i, j)).isCloseTo(expected.product(i, j), within(1e-12 * scale));
      }
    }
  }

  @Test
  void theWeightOneChangesNoBit() {
    double[][] rows = correlatedRows(300, 5, 7.0, new Random(12));
    StatisticsAccumulator weighted = new StatisticsAccumulator(5);
    for (double[] row : rows) {
      weighted.add(row, 0, 1.0);
    }

    assertThat(weighted.statistics().toBytes()).isEqualTo(of(rows).toBytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 40, 129})
  void anyGroupingOfTheRowsGivesTheSame(int columns) {
    Random random = new Random(columns);
    double[][] rows = correlatedRows(1_000, columns, 20.0, random);
    SufficientStatistics whole = of(rows);
    for (int trial = 0; trial < 20; trial++) {
      assertClose(grouped(rows, random), whole);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 62, 63, 64, 126, 127, 1000})
  void blocksOfAnyFillingAreThoseOfTheHighPrecisionReference(int count) {
    double[][] rows = correlatedRows(count, 5, 3.0, new Random(count));

    assertReference(of(rows), rows);
  }

  @Test
  void aMeanOfAHundredMillionDeviationsCostsNoDigits() {
    Random random = new Random(8);
    double[][] rows = correlatedRows(3_000, 4, 1e8, random);

    assertReference(of(rows), rows);
    for (int trial = 0; trial < 5; trial++) {
      assertReference(grouped(rows, random), rows);
    }
  }

  @Test
  void aMeanThatMovesByAMillionDeviationsCostsNoDigits() {
    double[][] rows = correlatedRows(1_000, 3, 0.0, new Random(4));
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < 3; j++) {
        rows[i][j] += i < 500 ? 0.0 : 1e6;
      }
    }

    assertReference(of(rows), rows);
  }

  @Test
  void nothingIsNeutral() {
    SufficientStatistics some = of(correlatedRows(10, 2, 5, new Random(1)));
    SufficientStatistics none = SufficientStatistics.empty(2);

    assertThat(some.merge(none).toBytes()).isEqualTo(some.toBytes());
    assertThat(none.merge(some).toBytes()).isEqualTo(some.toBytes());
    assertThat(none.variance(0)).isZero();
  }

  @Test
  void aConstantColumnHasProductsOfExactlyZeroHoweverItIsMerged() {
    double[][] rows = correlatedRows(700, 3, 2.0, new Random(3));
    for (double[] row : rows) {
      row[1] = 0.1;
    }
    SufficientStatistics merged = grouped(rows, new Random(9));

    for (int j = 0; j < 3; j++) {
      assertThat(merged.product(1, j)).isZero();
    }
    assertThat(merged.mean(1)).isEqualTo(0.1);
  }

  @Test
  void oneRowHasNoVariation() {
    SufficientStatistics one = of(new double[][] {{7.5, -3}});

    assertThat(one.rows()).isEqualTo(1);
    assertThat(one.mean(0)).isEqualTo(7.5);
    assertThat(one.product(0, 1)).isZero();
  }

  @Test
  void bytesBringBackEveryBit() {
    SufficientStatistics some = of(correlatedRows(100, 7, 4.0, new Random(2)));
    SufficientStatistics back = SufficientStatistics.ofBytes(some.toBytes());

    assertThat(back.toBytes()).isEqualTo(some.toBytes());
    assertThat(back.product(3, 5)).isEqualTo(some.product(3, 5));
    assertThat(some.toBytes()).hasSize(8 + 8 + 4 + 8 * (2 * 7 + 28));
  }

  @Test
  void bytesOfAnotherLengthAreRefused() {
    byte[] bytes = of(new double[][] {{1, 2}}).toBytes();

    assertThatThrownBy(() -> SufficientStatistics.ofBytes(Arrays.copyOf(bytes, bytes.length - 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("68 bytes are not the statistics of 2 columns");
  }

  @Test
  void statisticsOfOtherColumnsAreRefused() {
    assertThatThrownBy(() -> SufficientStatistics.empty(2).merge(SufficientStatistics.empty(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Statistics of 2 columns and of 3 do not describe the same table");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void aValueThatIsNotFiniteIsReportedWithItsColumn(double bad) {
    for (int badRow : new int[] {0, 40, 99}) {
      double[][] rows = correlatedRows(100, 3, 1.0, new Random(6));
      rows[badRow][1] = bad;

      assertThatThrownBy(() -> of(rows))
          .isInstanceOfSatisfying(
              StatisticsAccumulator.NotFiniteException.class,
              e -> assertThat(e.column()).isEqualTo(1));
    }
  }

  private static SufficientStatistics of(double[][] rows) {
    StatisticsAccumulator accumulator = new StatisticsAccumulator(rows[0].length);
    for (double[] row : rows) {
      accumulator.add(row, 0);
    }
    return accumulator.statistics();
  }

  /** The rows in another order, cut into parts of any size, merged in pairs taken at random. */
  private static SufficientStatistics grouped(double[][] rows, Random random) {
    List<double[]> shuffled = new ArrayList<>(List.of(rows));
    Collections.shuffle(shuffled, random);
    List<SufficientStatistics> parts = new ArrayList<>();
    for (int from = 0; from < rows.length; ) {
      int to = Math.min(rows.length, from + 1 + random.nextInt(rows.length / 3));
      parts.add(of(shuffled.subList(from, to).toArray(double[][]::new)));
      from = to;
    }
    while (parts.size() > 1) {
      SufficientStatistics a = parts.remove(random.nextInt(parts.size()));
      SufficientStatistics b = parts.remove(random.nextInt(parts.size()));
      parts.add(a.merge(b));
    }
    return parts.get(0);
  }

  /** Rows whose columns share a factor, with deviation about 1.4 and the mean given. */
  private static double[][] correlatedRows(int count, int columns, double mean, Random random) {
    return Stream.generate(
            () -> {
              double factor = random.nextGaussian();
              return IntStream.range(0, columns)
                  .mapToDouble(j -> mean * (1 + j % 3) + factor + random.nextGaussian())
                  .toArray();
            })
        .limit(count)
        .toArray(double[][]::new);
  }

  private static void assertClose(SufficientStatistics actual, SufficientStatistics expected) {
    int columns = expected.columns();
    assertThat(actual.rows()).isEqualTo(expected.rows());
    for (int i = 0; i < columns; i++) {
      double deviation = Math.sqrt(expected.variance(i));
      assertThat(Math.abs(actual.meanDifference(expected, i)))
          .as("mean %d", i)
          .isLessThanOrEqualTo(TOLERANCE * deviation);
      for (int j = i; j < columns; j++) {
        double scale = Math.sqrt(expected.product(i, i) * expected.product(j, j));
        assertThat(Math.abs(actual.product(i, j) - expected.product(i, j)))
            .as("product %d, %d", i, j)
            .isLessThanOrEqualTo(TOLERANCE * scale);
      }
    }
  }

  /** Compares with means and products in 60 decimal digits. */
  private static void assertReference(SufficientStatistics actual, double[][] rows) {
    MathContext digits = new MathContext(60);
    int columns = rows[0].length;
    BigDecimal n = new BigDecimal(rows.length);
    BigDecimal[] means = new BigDecimal[columns];
    for (int j = 0; j < columns; j++) {
      BigDecimal sum = BigDecimal.ZERO;
      for (double[] row : rows) {
        sum = sum.add(new BigDecimal(row[j]), digits);
      }
      means[j] = sum.divide(n, digits);
      // the mean itself is rounded once, or twice where origin and shift cancel
      double mean = means[j].doubleValue();
      assertThat(actual.mean(j)).isCloseTo(mean, within(4 * Math.ulp(Math.abs(mean))));
    }
    double[][] products = new double[columns][columns];
    for (int i = 0; i < columns; i++) {
      for (int j = i; j < columns; j++) {
        BigDecimal sum = BigDecimal.ZERO;
        for (double[] row : rows) {
          BigDecimal left = new BigDecimal(row[i]).subtract(means[i], digits);
          BigDecimal right = new BigDecimal(row[j]).subtract(means[j], digits);
          sum = sum.add(left.multiply(right, digits), digits);
        }
        products[i][j] = sum.doubleValue();
      }
    }
    for (int i = 0; i < columns; i++) {
      for (int j = i; j < columns; j++) {
        double scale = Math.sqrt(products[i][i] * products[j][j]);
        assertThat(Math.abs(actual.product(i, j) - products[i][j]))
            .as("product %d, %d: %s, not %s", i, j, actual.product(i, j), products[i][j])
            .isLessThanOrEqualTo(TOLERANCE * scale);
      }
    }
  }
}
