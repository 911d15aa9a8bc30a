package elasticnet.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CholeskyFactorTest {

  @Test
  void twoColumnsAreSolvedAsByHand() {
    // A = [4 2; 2 5]: U = [2 1; 0 2]. U'z = (8, 12): z = (4, 4). Ux = z: x = (1, 2)
    double[] b = {8, 12};
    new CholeskyFactor(new double[][] {{4, 2}, {2, 5}}).solve(b);

    assertThat(b).containsExactly(1, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 9, 16, 23, 100})
  void theSolutionSolvesTheSystemAtAnySize(int size) {
    double[][] matrix = products(size, 2 * size, new Random(size));
    double[] expected = new Random(7).doubles(size, -1, 1).toArray();
    double[] b = times(matrix, expected);

    new CholeskyFactor(copy(matrix)).solve(b);

    for (int i = 0; i < size; i++) {
      assertThat(b[i]).as("entry %d", i).isCloseTo(expected[i], within(1e-9));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 7, 8, 15, 19})
  void aColumnThatDependsOnOthersIsLeftOut(int dependent) {
    // of two equal columns the later one is left out, wherever it stands in its block
    int size = 20;
    double[][] matrix = products(size, 60, new Random(3));
    int original = dependent == 0 ? 19 : 0;
    for (int j = 0; j < size; j++) {
      matrix[dependent][j] = matrix[original][j];
    }
    for (int j = 0; j < size; j++) {
      matrix[j][dependent] = matrix[j][original];
    }
    double[] expected = new Random(7).doubles(size, -1, 1).toArray();
    expected[Math.max(dependent, original)] = 0.0;
    double[] b = times(matrix, expected);

    CholeskyFactor factor = new CholeskyFactor(copy(matrix));
    factor.solve(b);

    assertThat(factor.rank()).isEqualTo(size - 1);
    assertThat(b[Math.max(dependent, original)]).isZero();
    for (int i = 0; i < size; i++) {
      assertThat(b[i]).as("entry %d", i).isCloseTo(expected[i], within(1e-9));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-20, 1e20})
  void dependenceDoesNotDependOnTheUnit(double unit) {
    // by hand: the second column is twice the first, the third follows from no other
    double[][] matrix = {{unit, 2 * unit, 0}, {0, 4 * unit, 0}, {0, 0, 9 * unit}};

    assertThat(new CholeskyFactor(matrix).rank()).isEqualTo(2);
  }

  private static double[][] products(int size, int rows, Random random) {
    double[][] table = new double[rows][];
    Arrays.setAll(table, row -> random.doubles(size, -1, 1).toArray());
    double[][] products = new double[size][size];
    for (double[] row : table) {
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          products[i][j] += row[i] * row[j];
        }
      }
    }
    return products;
  }

  private static double[] times(double[][] matrix, double[] vector) {
    double[] product = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      for (int j = 0; j < vector.length; j++) {
        product[i] += matrix[i][j] * vector[j];
      }
    }
    return product;
  }

  private static double[][] copy(double[][] matrix) {
    return Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
  }
}
