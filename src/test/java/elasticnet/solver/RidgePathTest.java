package elasticnet.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import elasticnet.statistics.StatisticsAccumulator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("numeric")
class RidgePathTest {

  /** Without the corrections that {@link QuadraticSolver} adds, which would hide an error. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 9, 30})
  void eachPenaltyOfAPathIsSolvedAtAnySize(int size) {
    ElasticNetProblem problem = problem(size);
    RidgePath path = new RidgePath(problem);
    for (double l2 : new double[] {10.0, 0.3, 0.01}) {
      double[] expected = new Random(size).doubles(size, -1, 1).toArray();
      double[] solution = new double[size];

      path.addSolution(l2, times(problem, l2, expected), solution);

      for (int i = 0; i < size; i++) {
        assertThat(solution[i]).as("entry %d", i).isCloseTo(expected[i], within(1e-12 / l2));
      }
    }
  }

  /** Correlated columns and a label. */
  private static ElasticNetProblem problem(int size) {
    Random random = new Random(size);
    StatisticsAccumulator rows = new StatisticsAccumulator(size + 1);
    for (int i = 0; i < 3 * size; i++) {
      double common = random.nextGaussian();
      rows.add(random.doubles(size + 1, -1, 1).map(value -> value + common).toArray(), 0);
    }
    return new ElasticNetProblem(rows.statistics(), ColumnScaling.STANDARDIZED);
  }

  private static double[] times(ElasticNetProblem problem, double l2, double[] vector) {
    int size = vector.length;
    return IntStream.range(0, size)
        .mapToDouble(
            i ->
                l2 * vector[i]
                    + IntStream.range(0, size)
                        .mapToDouble(j -> problem.gram()[i * size + j] * vector[j])
                        .sum())
        .toArray();
  }
}
