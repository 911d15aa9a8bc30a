package elasticnet.solver;

/**
 * Solves ridge regressions of one problem for many penalties.
 *
 * <p>Householder reflections bring the Gram matrix to tridiagonal form once, {@code G = QTQ'}
 * ({@code 8/3·p³} operations here). A multiple of the identity does not change Q, so each penalty
 * costs a tridiagonal solve and two applications of Q, {@code 4p²}.
 *
 * @see <a href="https://doi.org/10.1007/BF01932728">Eldén (1977), Algorithms for the regularization
 *     of ill-conditioned least squares problems</a>
 */
final class RidgePath {

  private final ElasticNetProblem problem;
  private final int size;

  /** Row k holds reflector k from column k + 1 on, scaled so that {@code H = I − vv'}. */
  private final double[] reflectors;

  private final double[] diagonal;
  private final double[] offDiagonal;

  RidgePath(ElasticNetProblem problem) {
    this.problem = problem;
    this.size = problem.features();
    this.reflectors = problem.gram().clone();
    this.diagonal = new double[size];
    this.offDiagonal = new double[size];
    tridiagonalise();
  }

  /** Adds the solution of {@code (G + l2·I)·x = b} to the target; overwrites b. */
  void addSolution(double l2, double[] right, double[] target) {
    for (int k = 0; k < size - 2; k++) {
      reflect(k, right);
    }
    solveTridiagonal(l2, right);
    for (int k = size - 3; k >= 0; k--) {
      reflect(k, right);
    }
    for (int i = 0; i < size; i++) {
      // rounding would give constant columns a trace of the others
      target[i] += problem.variance(i) == 0.0 ? 0.0 : right[i];
    }
  }

  private void tridiagonalise() {
    double[] product = new double[size];
    for (int k = 0; k < size; k++) {
      int row = k * size;
      diagonal[k] = reflectors[row + k];
      if (k < size - 2) {
        offDiagonal[k] = makeReflector(row, k + 1);
        applyFromBothSides(row, k + 1, product);
      } else if (k == size - 2) {
        offDiagonal[k] = reflectors[row + k + 1];
      }
    }
  }

  /** Turns a row's end into the reflector that maps it to its first entry; returns this entry. */
  private double makeReflector(int row, int from) {
    double largest = 0.0;
    for (int j = from; j < size; j++) {
      largest = Math.max(largest, Math.abs(reflectors[row + j]));
    }
    if (largest == 0.0) {
      return 0.0;
    }
    double squares = 0.0;
    for (int j = from; j < size; j++) {
      double share = reflectors[row + j] / largest;
      squares += share * share;
    }
    double length = largest * Math.sqrt(squares);
    double first = reflectors[row + from];
    double image = first > 0.0 ? -length : length;
    // |v|² = 2 makes H = I − vv': v = (x − image·e) / √(length·(length + |first|))
    double scale = 1.0 / Math.sqrt(length * (length + Math.abs(first)));
    reflectors[row + from] = first - image;
    for (int j = from; j < size; j++) {
      reflectors[row + j] *= scale;
    }
    return image;
  }

  /** Replaces the block A from this index on by {@code HAH = A − vw' − wv'}, w = Av − ½(v'Av)v. */
  private void applyFromBothSides(int row, int from, double[] product) {
    double quadratic = 0.0;
    for (int i = from; i < size; i++) {
      product[i] = dot(i * size, row, from);
      quadratic += product[i] * reflectors[row + i];
    }
    for (int i = from; i < size; i++) {
      product[i] -= 0.5 * quadratic * reflectors[row + i];
    }
    for (int i = from; i < size; i++) {
      double left = reflectors[row + i];
      double right = product[i];
      int target = i * size;
      for (int j = from; j < size; j++) {
        reflectors[target + j] -= left * product[j] + right * reflectors[row + j];
      }
    }
  }

  private double dot(int left, int right, int from) {
    double even = 0.0;
    double odd = 0.0;
    int j = from;
    for (; j + 1 < size; j += 2) {
      even += reflectors[left + j] * reflectors[right + j];
      odd += reflectors[left + j + 1] * reflectors[right + j + 1];
    }
    return j < size ? even + odd + reflectors[left + j] * reflectors[right + j] : even + odd;
  }

  private void reflect(int k, double[] vector) {
    int row = k * size;
    double product = 0.0;
    for (int j = k + 1; j < size; j++) {
      product += reflectors[row + j] * vector[j];
    }
    for (int j = k + 1; j < size; j++) {
      vector[j] -= product * reflectors[row + j];
    }
  }

  /** Elimination without pivoting, stable because T + l2·I is positive definite. */
  private void solveTridiagonal(double l2, double[] right) {
    double[] pivots = new double[size];
    pivots[0] = diagonal[0] + l2;
    for (int i = 1; i < size; i++) {
      double factor = offDiagonal[i - 1] / pivots[i - 1];
      // rounding may push an eigenvalue of T below 0, but the shifted matrix has none below l2
      pivots[i] = Math.max(l2, diagonal[i] + l2 - factor * offDiagonal[i - 1]);
      right[i] -= factor * right[i - 1];
    }
    right[size - 1] /= pivots[size - 1];
    for (int i = size - 2; i >= 0; i--) {
      right[i] = (right[i] - offDiagonal[i] * right[i + 1]) / pivots[i];
    }
  }
}
