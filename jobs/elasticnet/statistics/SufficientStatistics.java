package elasticnet.statistics;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Number of rows, their total weight, means and centred cross-products of a table's columns: all
 * that is needed to minimise and measure a squared error.
 *
 * <p>The columns are p features and, last, the label. The products are {@code Σ(a−ā)(b−b̄)}, the
 * upper triangle row by row. A row that has a weight counts as often in means and products; without
 * weights each counts once. The products are never differences of raw sums, which lose all digits
 * if a column's mean is much larger than its deviation. A mean is the sum of an origin, which is a
 * value of the column, and a small shift: close origins subtract without rounding (Sterbenz), so
 * merging loses nothing even at a mean of 10⁸ deviations. A constant column has products of exactly
 * 0.
 *
 * <p>Three rows by hand, (x, y) = (1, 2), (2, 4), (6, 3): means 3 and 3, deviations x −2, −1, 3 and
 * y −1, 1, 0, so Σxx = 4+1+9 = 14, Σxy = 2−1+0 = 1, Σyy = 1+1+0 = 2.
 *
 * @see <a href="https://doi.org/10.1080/00031305.1983.10483115">Chan, Golub, LeVeque (1983),
 *     Algorithms for computing the sample variance</a>
 */
public final class SufficientStatistics {

  /** With more columns {@link #toBytes} would not fit into one array. */
  private static final int MOST_COLUMNS = 23_000;

  private final long rows;
  private final double weight;
  private final double[] origins;
  private final double[] shifts;
  private final double[] products;

  /**
   * Takes ownership of the arrays, which the caller must not change afterwards.
   *
   * @param weight the sum of the rows' weights; the number of rows if they have none
   */
  public SufficientStatistics(
      long rows, double weight, double[] origins, double[] shifts, double[] products) {
    this.rows = rows;
    this.weight = weight;
    this.origins = origins;
    this.shifts = shifts;
    this.products = products;
  }

  /** Statistics of no rows, for 1 to 23,000 columns: features and label together. */
  public static SufficientStatistics empty(int columns) {
    return new SufficientStatistics(
        0, 0.0, new double[columns], new double[columns], new double[triangle(columns)]);
  }

  public static int triangle(int columns) {
    if (columns < 1 || columns > MOST_COLUMNS) {
      throw new IllegalArgumentException(
          "Statistics of " + columns + " columns; there must be 1 to " + MOST_COLUMNS);
    }
    return columns * (columns + 1) / 2;
  }

  /** Index of (i, 0) in the triangle, whose row i begins with (i, i). */
  public static int rowStart(int columns, int i) {
    return i * columns - i * (i + 1) / 2;
  }

  /** Rows of a weight above 0. */
  public long rows() {
    return rows;
  }

  /** The sum of the rows' weights, which variances are divided by. */
  public double weight() {
    return weight;
  }

  public int columns() {
    return origins.length;
  }

  /** Mean of a column, rounded to a double; 0 without rows. */
  public double mean(int column) {
    return origins[column] + shifts[column];
  }

  /** This column's mean minus the other's, with the digits that the rounded means lack. */
  public double meanDifference(SufficientStatistics other, int column) {
    return (origins[column] - other.origins[column]) + (shifts[column] - other.shifts[column]);
  }

  /** {@code Σ(a−ā)(b−b̄)} of two columns, in either order. */
  public double product(int a, int b) {
    return products[rowStart(columns(), Math.min(a, b)) + Math.max(a, b)];
  }

  /** Variance, divided by the total weight; 0 for a constant column and without rows. */
  public double variance(int column) {
    return rows == 0 ? 0.0 : product(column, column) / weight;
  }

  /**
   * Sum of the squares of a weighted sum of the columns about its mean: {@code Σ(e−ē)²} with {@code
   * e = Σ weight·column}; never below 0. Weights of 0 cost nothing. The rounding error is relative
   * to the largest term, so terms that cancel leave fewer digits.
   */
  public double variation(double[] weights) {
    double sum = 0.0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] != 0.0) {
        int start = rowStart(weights.length, i);
        double above = 0.0;
        for (int j = i + 1; j < weights.length; j++) {
          if (weights[j] != 0.0) {
            above += weights[j] * products[start + j];
          }
        }
        sum += weights[i] * (2.0 * above + weights[i] * products[start + i]);
      }
    }
    return Math.max(0.0, sum);
  }

  /**
   * Sum of the squared errors of {@code intercept + Σ coefficient·column}: {@code Σ(y−b0−xβ)² =
   * Σ(e−ē)² + n·ē²}, n the total weight.
   *
   * @param coefficients one for each feature
   */
  public double squaredErrors(double intercept, double[] coefficients) {
    int label = coefficients.length;
    double[] weights = new double[label + 1];
    double meanError = mean(label) - intercept;
    for (int i = 0; i < label; i++) {
      weights[i] = -coefficients[i];
      meanError -= coefficients[i] * mean(i);
    }
    weights[label] = 1.0;
    return variation(weights) + weight * meanError * meanError;
  }

  /** Statistics of the rows of both, of the same columns; order matters up to rounding only. */
  public SufficientStatistics merge(SufficientStatistics other) {
    if (other.columns() != columns()) {
      throw new IllegalArgumentException(
          "Statistics of %s columns and of %s do not describe the same table"
              .formatted(columns(), other.columns()));
    }
    if (other.rows == 0) {
      return this;
    }
    if (rows == 0) {
      return other;
    }
    double total = weight + other.weight;
    double share = other.weight / total;
    double[] differences = new double[columns()];
    Arrays.setAll(differences, column -> other.meanDifference(this, column));
    double[] moved = shifts.clone();
    Arrays.setAll(moved, column -> moved[column] + share * differences[column]);
    double[] merged = new double[products.length];
    double between = weight * share;
    for (int i = 0; i < differences.length; i++) {
      double scaled = between * differences[i];
      int start = rowStart(differences.length, i);
      for (int j = i; j < differences.length; j++) {
        merged[start + j] =
            (products[start + j] + other.products[start + j]) + scaled * differences[j];
      }
    }
    return new SufficientStatistics(
        Math.addExact(rows, other.rows), total, origins.clone(), moved, merged);
  }

  /** Serialises all values for {@link #ofBytes}, in {@link #byteLength} bytes. */
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(byteLength(columns())));
    bytes.putLong(rows).putDouble(weight).putInt(columns());
    bytes.asDoubleBuffer().put(origins).put(shifts).put(products);
    return bytes.array();
  }

  static long byteLength(int columns) {
    return Long.BYTES + Integer.BYTES + Double.BYTES * (1L + 2L * columns + triangle(columns));
  }

  /** Restores every bit of what {@link #toBytes} wrote; rejects a wrong length. */
  public static SufficientStatistics ofBytes(byte[] written) {
    ByteBuffer bytes = ByteBuffer.wrap(written);
    long rows = bytes.getLong();
    double weight = bytes.getDouble();
    int columns = bytes.getInt();
    if (written.length != byteLength(columns)) {
      throw new IllegalArgumentException(
          written.length + " bytes are not the statistics of " + columns + " columns");
    }
    double[] origins = new double[columns];
    double[] shifts = new double[columns];
    double[] products = new double[triangle(columns)];
    bytes.asDoubleBuffer().get(origins).get(shifts).get(products);
    return new SufficientStatistics(rows, weight, origins, shifts, products);
  }
}
