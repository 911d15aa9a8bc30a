package winequality.learning;

/**
 * Lower triangular L with {@code LL' = A} for a symmetric A that is positive semidefinite; columns
 * that depend on the ones before them are left out.
 *
 * <p>A column is left out if what it adds to the columns before it is below a share of 10⁻¹² of its
 * own variance: a covariance is exact to about 10⁻¹⁶, so that what is left holds four digits.
 *
 * @see <a href="https://doi.org/10.1137/1.9780898718027">Higham (2002), Accuracy and Stability of
 *     Numerical Algorithms, chapter 10</a>
 */
final class CholeskyFactor {

  private static final double DEPENDENT = 1e-12;

  private final int size;
  private final double[] lower;

  /**
   * @param matrix the lower triangle of A in the first size × size entries, row by row; overwritten
   *     by L and kept
   */
  CholeskyFactor(double[] matrix, int size) {
    this.size = size;
    this.lower = matrix;
    for (int i = 0; i < size; i++) {
      int row = i * size;
      for (int j = 0; j < i; j++) {
        double pivot = lower[j * size + j];
        lower[row + j] = pivot == 0.0 ? 0.0 : (lower[row + j] - dot(row, j * size, j)) / pivot;
      }
      double own = lower[row + i];
      double rest = own - dot(row, row, i);
      lower[row + i] = rest > DEPENDENT * own ? Math.sqrt(rest) : 0.0;
    }
  }

  /** Columns that were not left out. */
  int rank() {
    int rank = 0;
    for (int i = 0; i < size; i++) {
      rank += lower[i * size + i] == 0.0 ? 0 : 1;
    }
    return rank;
  }

  /** Solves {@code Ax = b} in place; x is 0 for the columns left out. */
  void solve(double[] b) {
    for (int i = 0; i < size; i++) {
      double pivot = lower[i * size + i];
      double sum = b[i];
      for (int j = 0; j < i; j++) {
        sum -= lower[i * size + j] * b[j];
      }
      b[i] = pivot == 0.0 ? 0.0 : sum / pivot;
    }
    for (int i = size - 1; i >= 0; i--) {
      double pivot = lower[i * size + i];
      b[i] = pivot == 0.0 ? 0.0 : b[i] / pivot;
      for (int j = 0; j < i; j++) {
        b[j] -= lower[i * size + j] * b[i];
      }
    }
  }

  /** Scalar product of two stretches of L; four sums, since one alone waits for each addition. */
  private double dot(int left, int right, int length) {
    double sum0 = 0.0;
    double sum1 = 0.0;
    double sum2 = 0.0;
    double sum3 = 0.0;
    int k = 0;
    for (; k + 3 < length; k += 4) {
      sum0 += lower[left + k] * lower[right + k];
      sum1 += lower[left + k + 1] * lower[right + k + 1];
      sum2 += lower[left + k + 2] * lower[right + k + 2];
      sum3 += lower[left + k + 3] * lower[right + k + 3];
    }
    for (; k < length; k++) {
      sum0 += lower[left + k] * lower[right + k];
    }
    return (sum0 + sum1) + (sum2 + sum3);
  }
}
