package elasticnet.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import elasticnet.statistics.StatisticsAccumulator;
import elasticnet.statistics.SufficientStatistics;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The minimum is where no coefficient can gain alone: each is the soft-thresholded one of its own
 * column, which the test computes from the rows.
 */
@Tag("numeric")
class ExactRefinementTest {

  private static final int ROWS = 400;

  /** Correlated columns of very different size, a flag, and a label; the label is last. */
  private static double[][] table(long seed, double deviation, double labelDeviation) {
    Random random = new Random(seed);
    double[][] rows = new double[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      double common = random.nextGaussian();
      double large = deviation * (0.8 * common + 0.6 * random.nextGaussian());
      double age = 40 + 12 * (0.5 * common + random.nextGaussian());
      double flag = random.nextInt(4) == 0 ? 1.0 : 0.0;
      double noise = random.nextGaussian();
      rows[i] =
          new double[] {
            1e6 + large,
            age,
            flag,
            noise,
            labelDeviation * (large / deviation - 0.02 * age + 0.7 * flag + random.nextGaussian())
          };
    }
    return rows;
  }

  private static SufficientStatistics statistics(double[][] rows) {
    StatisticsAccumulator accumulator = new StatisticsAccumulator(rows[0].length);
    for (double[] row : rows) {
      accumulator.add(row, 0);
    }
    return accumulator.statistics();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1e4, 1",
    "1e6, 1",
    "1e8, 1",
    "1, 100",
    "1e4, 100",
    "1e6, 100",
    "1e8, 100",
    "1e8, 1e-3"
  })
  void noCoefficientCanGainAlone(double deviation, double labelDeviation) {
    for (int seed = 0; seed < 10; seed++) {
      double[][] rows = table(seed, deviation, labelDeviation);
      for (ColumnScaling scaling : ColumnScaling.values()) {
        for (double alpha : new double[] {0.0, 0.5, 1.0}) {
          for (double lambda : new double[] {0.0, 1e-4, 0.01, 0.5}) {
            requireMinimum(rows, scaling, new Penalty(alpha, lambda * labelDeviation));
          }
        }
      }
    }
  }

  private static void requireMinimum(double[][] rows, ColumnScaling scaling, Penalty penalty) {
    SufficientStatistics statistics = statistics(rows);
    int p = rows[0].length - 1;
    ElasticNetSolution found =
        ExactRefinement.refine(statistics, scaling, penalty, new double[p]).orElseThrow();
    double[] residuals = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      residuals[i] = rows[i][p] - statistics.mean(p);
      for (int j = 0; j < p; j++) {
        residuals[i] -= found.coefficient(j) * (rows[i][j] - statistics.mean(j));
      }
    }
    double labelDeviation = Math.sqrt(statistics.variance(p));
    for (int j = 0; j < p; j++) {
      double deviation = Math.sqrt(statistics.variance(j));
      double covariance = 0.0;
      for (int i = 0; i < rows.length; i++) {
        covariance += residuals[i] * (rows[i][j] - statistics.mean(j));
      }
      double own = found.coefficient(j);
      double weight = scaling == ColumnScaling.STANDARDIZED ? deviation : 1.0;
      double slope = covariance / rows.length + own * statistics.variance(j);
      double kept = Math.abs(slope) - penalty.l1() * weight;
      double best =
          Math.signum(slope)
              * Math.max(0.0, kept)
              / (statistics.variance(j) + penalty.l2(labelDeviation) * weight * weight);
      assertThat(own * deviation)
          .as("%s %s column %d of %s", scaling, penalty, j, Arrays.toString(rows[0]))
          .isCloseTo(best * deviation, within(1e-11 * labelDeviation));
    }
    double intercept = statistics.mean(p);
    for (int j = 0; j < p; j++) {
      intercept -= found.coefficient(j) * statistics.mean(j);
    }
    assertThat(found.intercept()).isEqualTo(intercept);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.1", "0.0, 0.1", "0.0, 0.0"})
  void theStartDoesNotMatter(double alpha, double lambda) {
    SufficientStatistics statistics = statistics(table(1, 1e4, 1));
    Penalty penalty = new Penalty(alpha, lambda);
    Random random = new Random(2);
    for (ColumnScaling scaling : ColumnScaling.values()) {
      ElasticNetSolution cold =
          ExactRefinement.refine(statistics, scaling, penalty, new double[4]).orElseThrow();
      for (int i = 0; i < 20; i++) {
        double[] start = random.doubles(4, -1, 1).toArray();
        ElasticNetSolution found =
            ExactRefinement.refine(statistics, scaling, penalty, start).orElseThrow();
        for (int j = 0; j < 4; j++) {
          // to the last digit, so that the same table gives the same model
          assertThat(found.coefficient(j)).isEqualTo(cold.coefficient(j));
        }
      }
    }
  }

  @Test
  void constantColumnsAndLabelsHaveNoCoefficient() {
    double[][] rows = {{1, 5, 2}, {2, 5, 3}, {4, 5, 9}};
    ElasticNetSolution found =
        ExactRefinement.refine(
                statistics(rows), ColumnScaling.AS_IS, new Penalty(0.5, 0.01), new double[] {9, 9})
            .orElseThrow();
    assertThat(found.coefficient(0)).isPositive();
    assertThat(found.coefficient(1)).isZero();
    double[][] same = {{1, 5, 3}, {2, 6, 3}};
    for (double[][] constant : new double[][][] {same, {{7, 8, 9}}}) {
      ElasticNetSolution mean =
          ExactRefinement.refine(
                  statistics(constant),
                  ColumnScaling.STANDARDIZED,
                  new Penalty(0.0, 0.0),
                  new double[] {1, 1})
              .orElseThrow();
      assertThat(mean.nonZero()).isZero();
      assertThat(mean.intercept()).isEqualTo(constant[0][2]);
    }
  }

  /** By hand: x = −1, 0, 1 and y = −2, 0, 2 have variance 2/3, so the lasso gives 2 − λ·3/2. */
  @Test
  void threeRowsByHand() {
    double[][] rows = {{-1, -2}, {0, 0}, {1, 2}};
    assertThat(
            ExactRefinement.refine(
                    statistics(rows), ColumnScaling.AS_IS, new Penalty(1.0, 0.4), new double[1])
                .orElseThrow()
                .coefficient(0))
        .isCloseTo(1.4, within(1e-15));
  }

  /** Columns that are sums of others, one of them up to this share of a deviation; label last. */
  private static SufficientStatistics dependent(Random random, double share) {
    double[] effects = random.doubles(3, -2, 2).toArray();
    double[][] rows = new double[40][];
    for (int i = 0; i < rows.length; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      double c = random.nextGaussian();
      double other = a + share * random.nextGaussian();
      double label = effects[0] * a + effects[1] * b + effects[2] * c + 0.1 * random.nextGaussian();
      rows[i] = new double[] {a, b, other, a + b, c, a - c, label};
    }
    return statistics(rows);
  }

  @ParameterizedTest
  @CsvSource({"0, 0.1", "0, 1e-3", "1e-7, 0.1", "1e-7, 1e-3"})
  void aLassoOfDependentColumnsIsAMinimumWhateverTheStart(double share, double lambda) {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      SufficientStatistics rows = dependent(random, share);
      for (double[] start : new double[][] {new double[6], random.doubles(6, -1, 1).toArray()}) {
        ElasticNetSolution found =
            ExactRefinement.refine(
                    rows, ColumnScaling.STANDARDIZED, new Penalty(1.0, lambda), start)
                .orElseThrow();
        assertThat(miss(rows, found)).as("seed %d", seed).isLessThan(1e-7);
      }
    }
  }

  /** The largest miss of a standardised lasso's optimality conditions. */
  private static double miss(SufficientStatistics rows, ElasticNetSolution found) {
    int p = rows.columns() - 1;
    double worst = 0.0;
    for (int j = 0; j < p; j++) {
      double slope = rows.product(j, p);
      for (int k = 0; k < p; k++) {
        slope -= rows.product(j, k) * found.coefficient(k);
      }
      slope /= rows.weight() * Math.sqrt(rows.variance(j));
      double bound = found.penalty().l1();
      double own = found.coefficient(j);
      double miss =
          own == 0.0 ? Math.abs(slope) - bound : Math.abs(slope - bound * Math.signum(own));
      worst = Math.max(worst, miss);
    }
    return worst;
  }

  /**
   * The columns a, b and c = 2a − b, with a and b ±1 and uncorrelated, and y = 3a − b/2: of all
   * coefficients that predict y, (1, 1/2, 1) has the smallest sum of sizes, 2.5, and (3, −1/2, 0),
   * which leaves c out, has 3.5.
   */
  @Test
  void aColumnThatDependsOnOthersStaysIfTheOthersWouldChangeTheirSigns() {
    double[][] rows = {{1, 1, 1, 2.5}, {1, -1, 3, 3.5}, {-1, 1, -3, -3.5}, {-1, -1, -1, -2.5}};

    ElasticNetSolution found =
        ExactRefinement.refine(
                statistics(rows),
                ColumnScaling.AS_IS,
                new Penalty(1.0, 0.01),
                new double[] {1.0, 0.5, 1.0})
            .orElseThrow();

    double size = IntStream.range(0, 3).mapToDouble(j -> Math.abs(found.coefficient(j))).sum();
    assertThat(size).isBetween(2.4, 2.5);
  }

  @Test
  void columnsThatRoundingCannotTellApartAreNotRefined() {
    assertThat(
            ExactRefinement.refine(
                dependent(new Random(3), 1e-5),
                ColumnScaling.STANDARDIZED,
                new Penalty(0.5, 1e-9),
                new double[6]))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.01", "1.0, 0.01", "0.0, 0.01", "0.0, 0.0"})
  void dependentColumnsPredictTheSameWhateverTheStart(double alpha, double lambda) {
    double[][] rows = table(3, 1, 1);
    for (double[] row : rows) {
      row[3] = 2 * row[1] - 3 * row[2];
    }
    SufficientStatistics statistics = statistics(rows);
    Penalty penalty = new Penalty(alpha, lambda);
    double[][] starts = {new double[4], {0, 1, 1, 1}, {0, 0, 0, 2}};
    double[] errors =
        Arrays.stream(starts)
            .flatMap(
                start ->
                    ExactRefinement.refine(statistics, ColumnScaling.STANDARDIZED, penalty, start)
                        .stream())
            .mapToDouble(found -> found.squaredError(statistics, statistics))
            .toArray();
    assertThat(errors).hasSizeGreaterThan(1);
    for (double error : errors) {
      assertThat(error).isCloseTo(errors[0], within(1e-9 * errors[0]));
    }
  }
}
