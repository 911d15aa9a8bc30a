package elasticnet.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import elasticnet.statistics.StatisticsAccumulator;
import elasticnet.statistics.SufficientStatistics;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import testing.LocaleOfNumbers;

@Tag("numeric")
class ElasticNetSolverTest {
  private static final SolverSettings TIGHT = new SolverSettings(1e-12, 10_000);

  @Test
  void oneColumnIsSolvedAsByHand() {
    // x = −1, 0, 1 and y = 1, 2, 6: means 0 and 3, var x = 2/3, cov = (2 + 3)/3 = 5/3,
    // s² = (4 + 1 + 9)/3 = 14/3. α = 0.5, λ = 1: l1 = 0.5, l2 = 0.5/√(14/3) = 0.231455024943
    // β = (5/3 − 0.5)/(2/3 + 0.231455024943) = 1.166666666667/0.898121691610 = 1.299007336718; b0 =
    // 3
    double l2 = 0.5 / Math.sqrt(14.0 / 3);
    ElasticNetSolution solution =
        solve(new double[][] {{-1, 1}, {0, 2}, {1, 6}}, ColumnScaling.AS_IS, 0.5, 1.0);

    assertThat(solution.coefficient(0))
        .isCloseTo((5.0 / 3 - 0.5) / (2.0 / 3 + l2), within(1e-14))
        .isCloseTo(1.299007336718, within(1e-12));
    assertThat(solution.intercept()).isCloseTo(3.0, within(1e-15));
  }

  @Test
  void standardisedOneColumnIsSolvedAsByHand() {
    // the column by its deviation √(2/3): cov = (5/3)/√(2/3), variance 1; β = γ/√(2/3)
    double deviation = Math.sqrt(2.0 / 3);
    double gamma = (5.0 / 3 / deviation - 0.5) / (1 + 0.5 / Math.sqrt(14.0 / 3));
    ElasticNetSolution solution =
        solve(new double[][] {{-1, 1}, {0, 2}, {1, 6}}, ColumnScaling.STANDARDIZED, 0.5, 1.0);

    assertThat(solution.coefficient(0)).isCloseTo(gamma / deviation, within(1e-14));
  }

  @Test
  void squaredErrorIsThatOfTheRowsByHand() {
    // the fit b0 = 3, β = 5/2 of least squares predicts 0.5, 3, 5.5: errors 0.5, −1, 0.5, squares
    // 1.5
    double[][] rows = {{-1, 1}, {0, 2}, {1, 6}};
    ElasticNetSolution solution = solve(rows, ColumnScaling.AS_IS, 1.0, 0.0);

    assertThat(solution.coefficient(0)).isCloseTo(2.5, within(1e-15));
    assertThat(solution.squaredError(of(rows), of(rows))).isCloseTo(1.5, within(1e-14));
    // other rows: x = 2, y = 8 is predicted 8, x = 4, y = 10 is predicted 13
    assertThat(solution.squaredError(of(new double[][] {{2, 8}, {4, 10}}), of(rows)))
        .isCloseTo(9.0, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "0.001, 5", "0.3, 5", "1, 5", "0, 200", "0.3, 200", "1, 200", "0.9, 400"})
  void everySolutionOfThePathMeetsTheOptimalityConditions(double alpha, int columns) {
    for (ColumnScaling scaling : ColumnScaling.values()) {
      SufficientStatistics rows = of(correlated(300, columns, 0.9, new Random(columns)));
      ElasticNetProblem problem = new ElasticNetProblem(rows, scaling);
      List<Double> lambdas = new RegParams.Sequence(25, 1e-3).values(problem, alpha);

      List<ElasticNetSolution> path =
          new ElasticNetSolver(TIGHT).path(new ElasticNetProblem(rows, scaling), alpha, lambdas);

      assertThat(path).hasSize(25);
      for (ElasticNetSolution solution : path) {
        assertThat(violation(rows, scaling, solution))
            .as("%s %s", scaling, solution.penalty())
            .isLessThan(1e-10 * Math.max(1.0, problem.largestCovariance()));
      }
      if (alpha > 0.001) {
        assertThat(path.get(0).nonZero()).isLessThanOrEqualTo(1);
        assertThat(path.get(1).nonZero()).isPositive();
      }
    }
  }

  @Test
  void aPathSolvesEachPenaltyAsIfItStoodAlone() {
    SufficientStatistics rows = of(correlated(100, 30, 0.8, new Random(3)));
    ElasticNetSolver solver = new ElasticNetSolver(TIGHT);
    List<ElasticNetSolution> path =
        solver.path(
            new ElasticNetProblem(rows, ColumnScaling.AS_IS), 0.7, List.of(1.0, 0.1, 0.5, 0.01));
    for (ElasticNetSolution ofPath : path) {
      ElasticNetSolution alone =
          solver
              .path(
                  new ElasticNetProblem(rows, ColumnScaling.AS_IS),
                  0.7,
                  List.of(ofPath.penalty().regParam()))
              .get(0);
      for (int j = 0; j < 30; j++) {
        assertThat(ofPath.coefficient(j)).isCloseTo(alone.coefficient(j), within(1e-10));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConstantColumnGetsZeroAndLeavesTheOthersAsTheyAre(ColumnScaling scaling) {
    double[][] rows = correlated(60, 4, 0.5, new Random(1));
    double[][] without = new double[60][];
    for (int i = 0; i < 60; i++) {
      rows[i][1] = 0.1;
      without[i] = new double[] {rows[i][0], rows[i][2], rows[i][3], rows[i][4]};
    }
    for (double alpha : new double[] {0.0, 0.5, 1.0}) {
      for (double lambda : new double[] {0.0, 0.1}) {
        ElasticNetSolution with = solve(rows, scaling, alpha, lambda);
        ElasticNetSolution expected = solve(without, scaling, alpha, lambda);
        assertThat(with.coefficient(1)).isZero();
        assertThat(with.coefficient(0)).isCloseTo(expected.coefficient(0), within(1e-12));
        assertThat(with.coefficient(3)).isCloseTo(expected.coefficient(2), within(1e-12));
        assertThat(with.intercept()).isCloseTo(expected.intercept(), within(1e-12));
      }
    }
  }

  @Test
  void aConstantColumnGetsZeroAmongManyColumnsOfARidge() {
    double[][] rows = correlated(300, 150, 0.5, new Random(1));
    for (double[] row : rows) {
      row[77] = 3.0;
    }

    ElasticNetSolution solution = solve(rows, ColumnScaling.STANDARDIZED, 0.0, 0.2);

    assertThat(solution.coefficient(77)).isZero();
    assertThat(violation(of(rows), ColumnScaling.STANDARDIZED, solution)).isLessThan(1e-12);
  }

  @Test
  void onlyConstantColumnsLeaveTheMean() {
    double[][] rows = {{1, 5}, {1, 7}};
    for (double alpha : new double[] {0.0, 0.5, 1.0}) {
      ElasticNetSolution solution = solve(rows, ColumnScaling.STANDARDIZED, alpha, 0.1);
      assertThat(solution.coefficient(0)).isZero();
      assertThat(solution.intercept()).isEqualTo(6.0);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, 0.5, 1.0})
  void aConstantLabelMakesEverythingZero(double alpha) {
    double[][] rows = correlated(30, 3, 0.5, new Random(1));
    for (double[] row : rows) {
      row[3] = 0.7;
    }

    ElasticNetSolution solution = solve(rows, ColumnScaling.STANDARDIZED, alpha, 0.1);

    assertThat(solution.nonZero()).isZero();
    assertThat(solution.intercept()).isEqualTo(0.7);
    assertThat(solution.squaredError(of(rows), of(rows))).isZero();
    assertThat(
            new RegParams.Sequence(100, 1e-4)
                .values(new ElasticNetProblem(of(rows), ColumnScaling.AS_IS), alpha))
        .containsExactly(0.0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, 0.5, 1.0})
  void collinearColumnsAreSolvedAndPredictAsOne(double alpha) {
    double[][] rows = correlated(80, 3, 0.0, new Random(2));
    double[][] without = new double[80][];
    for (int i = 0; i < 80; i++) {
      rows[i][2] = 2.0 * rows[i][0];
      without[i] = new double[] {rows[i][0], rows[i][1], rows[i][3]};
    }
    for (double lambda : new double[] {0.0, 1e-3, 0.1}) {
      ElasticNetSolution twice = solve(rows, ColumnScaling.STANDARDIZED, alpha, lambda);
      assertThat(violation(of(rows), ColumnScaling.STANDARDIZED, twice)).isLessThan(1e-10);
      if (alpha == 1.0 || lambda == 0.0) {
        ElasticNetSolution once = solve(without, ColumnScaling.STANDARDIZED, alpha, lambda);
        assertThat(twice.squaredError(of(rows), of(rows)))
            .isCloseTo(once.squaredError(of(without), of(without)), within(1e-9));
      }
    }
    if (alpha < 1.0) {
      // a ridge part shares the effect: equal coefficients of the scaled columns
      ElasticNetSolution shared = solve(rows, ColumnScaling.STANDARDIZED, alpha, 0.1);
      assertThat(shared.coefficient(0)).isCloseTo(2.0 * shared.coefficient(2), within(1e-9));
    }
  }

  @Test
  void moreColumnsThanRowsAreSolved() {
    double[][] rows = correlated(20, 50, 0.3, new Random(7));
    ElasticNetProblem problem = new ElasticNetProblem(of(rows), ColumnScaling.STANDARDIZED);
    List<Double> lambdas = new RegParams.Sequence(30, 1e-2).values(problem, 1.0);

    List<ElasticNetSolution> path =
        new ElasticNetSolver(TIGHT)
            .path(new ElasticNetProblem(of(rows), ColumnScaling.STANDARDIZED), 1.0, lambdas);

    assertThat(path)
        .allSatisfy(
            solution -> {
              assertThat(violation(of(rows), ColumnScaling.STANDARDIZED, solution))
                  .isLessThan(1e-10);
              assertThat(solution.nonZero()).isLessThan(20);
            });
  }

  /** A bound in sweeps, which is one in time: a sweep is at most p² = 4 million multiplications. */
  @Tag("long")
  @ParameterizedTest
  @EnumSource
  void twoThousandColumnsAreSolvedInFewSweeps(ColumnScaling scaling) {
    SufficientStatistics rows = chained(2_000, 20_000, new Random(2));
    ElasticNetProblem problem = new ElasticNetProblem(rows, scaling);
    for (double alpha : new double[] {0.0, 0.5, 1.0}) {
      List<Double> lambdas = new RegParams.Sequence(15, 1e-2).values(problem, alpha);

      List<ElasticNetSolution> path =
          new ElasticNetSolver(new SolverSettings(1e-13, 100)).path(problem, alpha, lambdas);

      for (int i : new int[] {1, 8, 14}) {
        assertThat(violation(rows, scaling, path.get(i)))
            .as("%s", path.get(i).penalty())
            .isLessThan(1e-8 * problem.largestCovariance());
      }
      assertThat(path.get(14).nonZero()).isGreaterThan(alpha == 0.0 ? 1_999 : 100);
    }
  }

  @Test
  void tooFewSweepsAreReportedWithTheGapInEveryLocale() {
    SufficientStatistics rows = of(correlated(100, 40, 0.99, new Random(5)));
    ElasticNetProblem problem = new ElasticNetProblem(rows, ColumnScaling.AS_IS);
    ElasticNetSolver hasty = new ElasticNetSolver(new SolverSettings(1e-12, 1));

    assertThatThrownBy(
            () -> LocaleOfNumbers.in("de-DE", () -> hasty.path(problem, 0.5, List.of(1e-3))))
        .isInstanceOf(SolverException.class)
        .hasMessageMatching(
            "Penalty\\[elasticNetParam=0.5, regParam=0.001] is not solved within 1 sweeps: the duality"
                + " gap is [0-9.e-]+ of the null objective, and 1.00e-12 is allowed;.*");
  }

  /** The label's unit must not matter, so its variance is far from 1 here. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 1e3})
  void theReportedGapIsTheOneToAllow(double unit) {
    double[][] table = correlated(100, 40, 0.99, new Random(5));
    for (double[] row : table) {
      row[40] *= unit;
    }
    ElasticNetProblem problem = new ElasticNetProblem(of(table), ColumnScaling.AS_IS);
    List<Double> lambdas = List.of(1e-3 * unit);
    SolverException e =
        catchThrowableOfType(
            SolverException.class,
            () -> new ElasticNetSolver(new SolverSettings(1e-12, 1)).path(problem, 0.5, lambdas));
    double gap =
        Double.parseDouble(String.valueOf(e.getMessage()).replaceAll(".*gap is (\\S+) of.*", "$1"));

    assertThat(new ElasticNetSolver(new SolverSettings(1.01 * gap, 1)).path(problem, 0.5, lambdas))
        .hasSize(1);
    assertThatThrownBy(
            () ->
                new ElasticNetSolver(new SolverSettings(0.99 * gap, 1)).path(problem, 0.5, lambdas))
        .isInstanceOf(SolverException.class);
  }

  @Test
  void aRidgeThatRoundingKeepsFromTheGapIsRefused() {
    double[][] rows = correlated(30, 3, 0.5, new Random(4));
    for (double[] row : rows) {
      row[1] *= 1e7;
      row[2] = 3.0 * row[1];
      row[3] *= 1e-2;
    }
    assertThatThrownBy(
            () ->
                new ElasticNetSolver(new SolverSettings(1e-13, 1))
                    .path(new ElasticNetProblem(of(rows), ColumnScaling.AS_IS), 0.0, List.of(1e-9)))
        .isInstanceOf(SolverException.class)
        .hasMessageContaining(
            "regParam=1.0E-9] is not solved: the objective may exceed its minimum");
  }

  @Test
  void leastSquaresOfManyColumnsLeavesDependentOnesOut() {
    double[][] rows = correlated(300, 150, 0.5, new Random(1));
    for (double[] row : rows) {
      row[149] = row[0] - row[1];
    }

    ElasticNetSolution solution = solve(rows, ColumnScaling.STANDARDIZED, 0.0, 0.0);

    assertThat(solution.coefficient(149)).isZero();
    assertThat(violation(of(rows), ColumnScaling.STANDARDIZED, solution)).isLessThan(1e-12);
  }

  @Test
  void aSequenceFallsFromTheLargestPenaltyToItsShareInEqualRatios() {
    // the covariance by hand above: 5/3
    ElasticNetProblem problem =
        new ElasticNetProblem(of(new double[][] {{-1, 1}, {0, 2}, {1, 6}}), ColumnScaling.AS_IS);

    List<Double> lambdas = new RegParams.Sequence(3, 0.01).values(problem, 0.5);

    assertThat(lambdas).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(lambdas.get(i)).isCloseTo(10.0 / 3 * Math.pow(0.1, i), within(1e-14));
    }
  }

  private static ElasticNetSolution solve(
      double[][] rows, ColumnScaling scaling, double alpha, double lambda) {
    return new ElasticNetSolver(TIGHT)
        .path(new ElasticNetProblem(of(rows), scaling), alpha, List.of(lambda))
        .get(0);
  }

  /** The largest miss of the optimality conditions, from the objective as DESIGN.md prints it. */
  private static double violation(
      SufficientStatistics rows, ColumnScaling scaling, ElasticNetSolution solution) {
    int p = rows.columns() - 1;
    double n = rows.rows();
    double lambda = solution.penalty().regParam();
    double alpha = solution.penalty().elasticNetParam();
    double worst = 0.0;
    for (int j = 0; j < p; j++) {
      double scale = scaling == ColumnScaling.STANDARDIZED ? Math.sqrt(rows.variance(j)) : 1.0;
      if (rows.variance(j) == 0.0) {
        continue;
      }
      int column = j;
      double fitted =
          IntStream.range(0, p)
              .mapToDouble(k -> rows.product(column, k) * solution.coefficient(k))
              .sum();
      double slope = (fitted - rows.product(j, p)) / n / scale;
      double beta = solution.coefficient(j) * scale;
      slope += lambda * (1 - alpha) / Math.sqrt(rows.variance(p)) * beta;
      double miss =
          beta == 0.0
              ? Math.max(0.0, Math.abs(slope) - lambda * alpha)
              : Math.abs(slope + lambda * alpha * Math.signum(beta));
      worst = Math.max(worst, miss);
    }
    return worst;
  }

  private static SufficientStatistics of(double[][] rows) {
    StatisticsAccumulator accumulator = new StatisticsAccumulator(rows[0].length);
    for (double[] row : rows) {
      accumulator.add(row, 0);
    }
    return accumulator.statistics();
  }

  /**
   * Statistics without rows: columns on scales 0.1, 1 and 10, neighbours correlated by 0.7, every
   * tenth with an effect, and the noise that a sample of this size has in its covariances.
   */
  private static SufficientStatistics chained(int p, int count, Random random) {
    double[] scales = IntStream.range(0, p).mapToDouble(j -> Math.pow(10, j % 3 - 1)).toArray();
    double[] effects =
        IntStream.range(0, p).mapToDouble(j -> j % 10 == 0 ? random.nextGaussian() : 0).toArray();
    double[] linear = new double[p];
    double signal = 0.0;
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j += 10) {
        linear[i] += Math.pow(0.7, Math.abs(i - j)) * effects[j];
      }
      signal += linear[i] * effects[i];
    }
    double[] products = new double[SufficientStatistics.triangle(p + 1)];
    for (int i = 0; i < p; i++) {
      int row = SufficientStatistics.rowStart(p + 1, i);
      for (int j = i; j < p; j++) {
        products[row + j] = count * Math.pow(0.7, j - i) * scales[i] * scales[j];
      }
      double noise = random.nextGaussian() * Math.sqrt(signal / count);
      products[row + p] = count * (linear[i] + noise) * scales[i];
    }
    products[SufficientStatistics.rowStart(p + 1, p) + p] = count * 2.5 * signal;
    return new SufficientStatistics(count, count, new double[p + 1], new double[p + 1], products);
  }

  /** Columns that share a factor, on scales from 1 to 10, and a label that needs every third. */
  private static double[][] correlated(int count, int columns, double shared, Random random) {
    double[][] rows = new double[count][columns + 1];
    for (double[] row : rows) {
      double factor = random.nextGaussian();
      for (int j = 0; j < columns; j++) {
        row[j] =
            (1 + j % 10)
                * (Math.sqrt(shared) * factor + Math.sqrt(1 - shared) * random.nextGaussian());
        row[columns] += j % 3 == 0 ? row[j] / (1 + j) : 0.0;
      }
      row[columns] += random.nextGaussian();
    }
    return rows;
  }
}
