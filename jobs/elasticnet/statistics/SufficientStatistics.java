package elasticnet.statistics;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Number of rows, means and centred cross-products of the columns of a table: all that a squared
 * error needs to be minimised and measured.
 *
 * <p>The columns are p features and, last, the label. The products are {@code Σ(a−ā)(b−b̄)}, held
 * as the upper triangle row by row. They are never formed as a difference of raw sums, which loses
 * all digits where a column's mean is large beside its deviation. A mean is held as the sum of an
 * origin, which is a value of the column itself, and a small shift: two origins that are near each
 * other subtract without any rounding (Sterbenz), so that merging loses nothing even at a mean of
 * 10⁸ deviations. A column that is constant has products of exactly 0.
 *
 * <p>Three rows by hand, (x, y) = (1, 2), (2, 4), (6, 3): means 3 and 3, deviations x −2, −1, 3 and
 * y −1, 1, 0, so Σxx = 4+1+9 = 14, Σxy = 2−1+0 = 1, Σyy = 1+1+0 = 2.
 *
 * @see <a href="https://doi.org/10.1080/00031305.1983.10483115">Chan, Golub, LeVeque (1983),
 *     Algorithms for computing the sample variance</a>
 */
public final class SufficientStatistics {

  /** Above it {@link #toBytes} would no longer fit into one array. */
  private static final int MOST_COLUMNS = 23_000;

  private final long rows;
  private final double[] origins;
  private final double[] shifts;
  private final double[] products;

  /** Takes the arrays over; callers in this package hand in arrays of their own. */
  public SufficientStatistics(long rows, double[] origins, double[] shifts, double[] products) {
    this.rows = rows;
    this.origins = origins;
    this.shifts = shifts;
    this.products = products;
  }

  /**
   * Statistics of no row.
   *
   * @param columns features and label together, from 1 to 23,000
   */
  public static SufficientStatistics empty(int columns) {
    return new SufficientStatistics(
        0, new double[columns], new double[columns], new double[triangle(columns)]);
  }

  /** Entries of the upper triangle, diagonal included. */
  public static int triangle(int columns) {
    if (columns < 1 || columns > MOST_COLUMNS) {
      throw new IllegalArgumentException(
          "Statistics of " + columns + " columns; there must be 1 to " + MOST_COLUMNS);
    }
    return columns * (columns + 1) / 2;
  }

  /** Where row i of the triangle would have its entry of column 0; its first entry is (i, i). */
  public static int rowStart(int columns, int i) {
    return i * columns - i * (i + 1) / 2;
  }

  public long rows() {
    return rows;
  }

  /** Features and label together. */
  public int columns() {
    return origins.length;
  }

  /** Mean of a column, rounded to a double; 0 if there is no row. */
  public double mean(int column) {
    return origins[column] + shifts[column];
  }

  /** This column's mean minus the other's, with the digits that the rounded means have lost. */
  public double meanDifference(SufficientStatistics other, int column) {
    return (origins[column] - other.origins[column]) + (shifts[column] - other.shifts[column]);
  }

  /** {@code Σ(a−ā)(b−b̄)} of two columns, in either order. */
  public double product(int a, int b) {
    return products[rowStart(columns(), Math.min(a, b)) + Math.max(a, b)];
  }

  /** Variance with divisor n; 0 for a constant column and for no row. */
  public double variance(int column) {
    return rows == 0 ? 0.0 : product(column, column) / rows;
  }

  /** The first column whose squares are beyond the largest double. */
  OptionalInt overflown() {
    return IntStream.range(0, columns())
        .filter(column -> !Double.isFinite(product(column, column)))
        .findFirst();
  }

  /**
   * Sum of the squares of a weighted sum of the columns about its mean: {@code Σ(e−ē)²} with {@code
   * e = Σ weight·column}, in one go over the products of the weights that are not 0.
   *
   * <p>Its rounding error is relative to the largest term, so that weights whose terms cancel leave
   * fewer digits; never below 0.
   *
   * @param weights one for each column
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
   * Statistics with one row more.
   *
   * <p>For a few rows, such as those that arrive by and by: each costs a copy. {@link
   * FoldedStatisticsCollector} takes a table.
   *
   * @param row one finite value for each column
   * @throws IllegalArgumentException if the columns differ in number, or a value is NaN or infinite
   */
  public SufficientStatistics add(double... row) {
    for (double value : row) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(
            "The row " + Arrays.toString(row) + " has a value that is no finite number");
      }
    }
    return merge(
        new SufficientStatistics(
            1, row.clone(), new double[row.length], new double[triangle(row.length)]));
  }

  /**
   * Statistics of the rows of both. Any grouping and order of merges gives the same up to rounding.
   *
   * @throws IllegalArgumentException if the columns differ in number
   */
  public SufficientStatistics merge(SufficientStatistics other) {
    requireSameColumns(other);
    if (other.rows == 0) {
      return this;
    }
    if (rows == 0) {
      return other;
    }
    double total = (double) rows + other.rows;
    double[] differences = differences(other);
    double[] merged = new double[products.length];
    double weight = rows * (other.rows / total);
    for (int i = 0; i < differences.length; i++) {
      double scaled = weight * differences[i];
      int start = rowStart(differences.length, i);
      for (int j = i; j < differences.length; j++) {
        merged[start + j] =
            (products[start + j] + other.products[start + j]) + scaled * differences[j];
      }
    }
    return new SufficientStatistics(
        Math.addExact(rows, other.rows),
        origins.clone(),
        moved(differences, other.rows / total),
        merged);
  }

  /**
   * Statistics of the rows without a part of them: {@code a.merge(b).minus(b)} is a, up to rounding
   * relative to the whole.
   *
   * <p>What is left has lost digits where the part holds nearly all of a column's variation;
   * training folds are therefore merged from the other folds rather than subtracted.
   *
   * @param part rows that are all among these
   * @throws IllegalArgumentException if the part has more rows, or other columns
   */
  public SufficientStatistics minus(SufficientStatistics part) {
    requireSameColumns(part);
    long left = rows - part.rows;
    if (left < 0) {
      throw new IllegalArgumentException(
          part.rows + " rows cannot be taken away from " + rows + "; they are no part of them");
    }
    if (part.rows == 0) {
      return this;
    }
    if (left == 0) {
      return empty(columns());
    }
    double[] differences = differences(part);
    double[] rest = new double[products.length];
    double weight = part.rows * ((double) rows / left);
    for (int i = 0; i < differences.length; i++) {
      double scaled = weight * differences[i];
      int start = rowStart(differences.length, i);
      for (int j = i; j < differences.length; j++) {
        rest[start + j] =
            (products[start + j] - part.products[start + j]) - scaled * differences[j];
      }
      rest[start + i] = Math.max(0.0, rest[start + i]);
    }
    return new SufficientStatistics(
        left, origins.clone(), moved(differences, -((double) part.rows / left)), rest);
  }

  /** The other's means minus these. */
  private double[] differences(SufficientStatistics other) {
    double[] differences = new double[columns()];
    Arrays.setAll(differences, column -> other.meanDifference(this, column));
    return differences;
  }

  private double[] moved(double[] differences, double share) {
    double[] moved = shifts.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += share * differences[i];
    }
    return moved;
  }

  private void requireSameColumns(SufficientStatistics other) {
    if (other.columns() != columns()) {
      throw new IllegalArgumentException(
          "Statistics of "
              + columns()
              + " columns and of "
              + other.columns()
              + " do not describe the same table");
    }
  }

  /** All of it in {@link #byteLength} bytes, which {@link #ofBytes} reads. */
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(byteLength(columns())));
    bytes.putLong(rows).putInt(columns());
    bytes.asDoubleBuffer().put(origins).put(shifts).put(products);
    return bytes.array();
  }

  /** Length of {@link #toBytes} for this number of columns. */
  static long byteLength(int columns) {
    return Long.BYTES + Integer.BYTES + Double.BYTES * (2L * columns + triangle(columns));
  }

  /**
   * What {@link #toBytes} wrote, bit by bit.
   *
   * @throws IllegalArgumentException if the length does not belong to the number of columns
   */
  public static SufficientStatistics ofBytes(byte[] written) {
    ByteBuffer bytes = ByteBuffer.wrap(written);
    long rows = bytes.getLong();
    int columns = bytes.getInt();
    if (written.length != byteLength(columns)) {
      throw new IllegalArgumentException(
          written.length + " bytes are not the statistics of " + columns + " columns");
    }
    double[] origins = new double[columns];
    double[] shifts = new double[columns];
    double[] products = new double[triangle(columns)];
    bytes.asDoubleBuffer().get(origins).get(shifts).get(products);
    return new SufficientStatistics(rows, origins, shifts, products);
  }

  @Override
  public String toString() {
    return "statistics of " + rows + " rows and " + columns() + " columns";
  }
}
