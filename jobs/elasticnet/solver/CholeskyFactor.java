package elasticnet.solver;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Upper triangular U with {@code U'U = A} for a symmetric positive semidefinite A, without the
 * columns that depend on earlier ones.
 *
 * <p>A column is left out if its remainder after the earlier columns is below 10⁻¹² of its
 * variance: a covariance is exact to about 10⁻¹⁶, so the remainders that stay have four digits.
 *
 * <p>Eight rows of U at a time are subtracted from the rows below them. The inner loop runs along
 * one row, a separate array, so that the compiler can vectorise it; scalar products, which it must
 * add up in order, took nearly twice as long.
 *
 * @see <a href="https://doi.org/10.1137/1.9780898718027">Higham (2002), Accuracy and Stability of
 *     Numerical Algorithms, chapter 10</a>
 */
public final class CholeskyFactor {

  private static final double DEPENDENT = 1e-12;
  private static final int ROWS_AT_ONCE = 8;

  /** Row i holds its entries from column i on. */
  private final double[][] upper;

  /** Reads the upper triangle of A, row by row; keeps the array and overwrites it by U. */
  public CholeskyFactor(double[][] matrix) {
    this.upper = matrix;
    int size = matrix.length;
    double[] own = new double[size];
    Arrays.setAll(own, i -> matrix[i][i]);
    for (int first = 0; first < size; first += ROWS_AT_ONCE) {
      int end = Math.min(size, first + ROWS_AT_ONCE);
      for (int k = first; k < end; k++) {
        for (int above = first; above < k; above++) {
          subtractRow(above, k);
        }
        normalise(k, own[k]);
      }
      if (end - first == ROWS_AT_ONCE) {
        for (int i = end; i < size; i++) {
          subtractRows(first, i);
        }
      }
    }
  }

  private void normalise(int k, double own) {
    double[] row = upper[k];
    double rest = row[k];
    double scale = rest > DEPENDENT * own ? 1.0 / Math.sqrt(rest) : 0.0;
    for (int j = k; j < row.length; j++) {
      row[j] *= scale;
    }
  }

  private void subtractRow(int above, int i) {
    double[] row = upper[i];
    double[] source = upper[above];
    double factor = source[i];
    for (int j = i; j < row.length; j++) {
      row[j] -= factor * source[j];
    }
  }

  private void subtractRows(int first, int i) {
    double[] row = upper[i];
    double[] row0 = upper[first];
    double[] row1 = upper[first + 1];
    double[] row2 = upper[first + 2];
    double[] row3 = upper[first + 3];
    double[] row4 = upper[first + 4];
    double[] row5 = upper[first + 5];
    double[] row6 = upper[first + 6];
    double[] row7 = upper[first + 7];
    double factor0 = row0[i];
    double factor1 = row1[i];
    double factor2 = row2[i];
    double factor3 = row3[i];
    double factor4 = row4[i];
    double factor5 = row5[i];
    double factor6 = row6[i];
    double factor7 = row7[i];
    for (int j = i; j < row.length; j++) {
      row[j] -=
          ((factor0 * row0[j] + factor1 * row1[j]) + (factor2 * row2[j] + factor3 * row3[j]))
              + ((factor4 * row4[j] + factor5 * row5[j]) + (factor6 * row6[j] + factor7 * row7[j]));
    }
  }

  public int rank() {
    return (int) IntStream.range(0, upper.length).filter(i -> !isLeftOut(i)).count();
  }

  /** Whether a column depends on earlier ones. */
  boolean isLeftOut(int column) {
    return upper[column][column] == 0.0;
  }

  /** Solves {@code Ax = b} in place; x is 0 for columns that were left out. */
  public void solve(double[] b) {
    int size = upper.length;
    for (int i = 0; i < size; i++) {
      double[] row = upper[i];
      b[i] = row[i] == 0.0 ? 0.0 : b[i] / row[i];
      double factor = b[i];
      for (int j = i + 1; j < size; j++) {
        b[j] -= factor * row[j];
      }
    }
    for (int i = size - 1; i >= 0; i--) {
      double[] row = upper[i];
      double sum = b[i];
      for (int j = i + 1; j < size; j++) {
        sum -= row[j] * b[j];
      }
      b[i] = row[i] == 0.0 ? 0.0 : sum / row[i];
    }
  }
}
