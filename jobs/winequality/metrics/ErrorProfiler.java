package winequality.metrics;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.profile.Histogram;

/**
 * Profiles the errors by label and by size, in one pass.
 *
 * <p>Each bin of the label has at most 50 bins of the residual, so the result that reaches the
 * driver does not grow with the table.
 */
public final class ErrorProfiler {

  /** Bins of the residual on either side of 0. */
  private static final int BINS = 25;

  private static final int BINS_PER_RMSE = 5;

  /**
   * Profiles the errors.
   *
   * @param rows with label and prediction, doubles, neither null nor NaN; at least one
   * @param labels its bins divide the label; at least one bin
   * @param rmse of these rows. The residuals' bins are a fifth of it wide, rounded up to one digit;
   *     the outermost bins also hold everything beyond 25 bins
   */
  public ErrorProfile profile(
      Dataset<Row> rows,
      EvaluationColumns columns,
      String prediction,
      Histogram labels,
      double rmse) {
    Column y = columns.y();
    Column residual = y.minus(col(Columns.quoted(prediction)));
    double width = width(rmse);
    Column bin = least(greatest(floor(residual.divide(width)), lit((long) -BINS)), lit(BINS - 1L));
    List<Row> cells =
        columns
            .counting(rows)
            .groupBy(labelBin(y, labels).as("label_bin"), bin.as("residual_bin"))
            .agg(
                count(lit(1)),
                min(y),
                max(y),
                columns.sumOf(residual),
                columns.sumOf(abs(residual)),
                columns.sumOf(residual.multiply(residual)),
                columns.total())
            .collectAsList();
    Map<Integer, List<Row>> byLabel = new TreeMap<>();
    cells.forEach(
        cell -> byLabel.computeIfAbsent(cell.getInt(0), unused -> new ArrayList<>()).add(cell));
    return new ErrorProfile(
        byLabel.values().stream().map(ErrorProfiler::errors).toList(), residuals(cells, width));
  }

  private static Column labelBin(Column y, Histogram labels) {
    Column bin = lit(0);
    for (double edge : labels.edges().subList(1, labels.edges().size() - 1)) {
      bin = bin.plus(when(y.geq(edge), 1).otherwise(0));
    }
    return bin;
  }

  private static LabelErrors errors(List<Row> cells) {
    long rows = 0;
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double sum = 0.0;
    double absolutes = 0.0;
    double squares = 0.0;
    double total = 0.0;
    for (Row cell : cells) {
      rows += cell.getLong(2);
      least = Math.min(least, cell.getDouble(3));
      most = Math.max(most, cell.getDouble(4));
      sum += cell.getDouble(5);
      absolutes += cell.getDouble(6);
      squares += cell.getDouble(7);
      total += cell.getDouble(8);
    }
    return new LabelErrors(
        least, most, rows, sum / total, absolutes / total, Math.sqrt(squares / total));
  }

  private static Histogram residuals(List<Row> cells, double width) {
    List<Long> counts = new ArrayList<>(Collections.nCopies(2 * BINS, 0L));
    for (Row cell : cells) {
      int bin = (int) cell.getLong(1) + BINS;
      counts.set(bin, counts.get(bin) + cell.getLong(2));
    }
    return new Histogram(
        IntStream.rangeClosed(-BINS, BINS).mapToObj(i -> i * width).toList(), counts);
  }

  /** One digit, so that the edges are easy to read; 1 if there is no error. */
  private static double width(double rmse) {
    double width = rmse / BINS_PER_RMSE;
    return width > 0.0 && Double.isFinite(width)
        ? new BigDecimal(width).round(new MathContext(1, RoundingMode.UP)).doubleValue()
        : 1.0;
  }
}
