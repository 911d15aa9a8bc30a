package winequality.metrics;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.min_by;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.DataRefusedException;

/**
 * Sums of rows, grouped by a hash of their features, in one pass.
 *
 * <p>A group holds one distinct feature row with its duplicates, or several of them in a large
 * table: at most 16,384 groups reach the driver. Resampling groups instead of rows stays valid,
 * because random groups of independent units are independent. It costs little precision: a standard
 * error from g groups has a relative error of about {@code 1/sqrt(2g)}, 0.6 % for 16,384.
 */
final class RowGroups {

  static final int MOST = 1 << 14;

  // positions in the aggregated row, after the group
  private static final int ROWS = 1;
  private static final int TOTAL = 2;
  private static final int ORDER = 3;
  private static final int MEAN = 6;

  private RowGroups() {}

  /**
   * One group.
   *
   * @param order uniformly distributed: the groups with the lowest order are a random sample
   * @param example one of its distinct rows, at random, with the first prediction
   */
  record Group(ErrorSums sums, long rows, long order, LabelledPrediction example) {}

  /**
   * Reads the rows once. The order of the groups does not depend on partitions.
   *
   * @param predictions at least one
   * @throws DataRefusedException if there are no rows
   */
  static List<Group> of(
      Dataset<Row> rows, EvaluationColumns columns, List<Column> predictions, long seed) {
    String content =
        columns.features().stream().map(Columns::quoted).collect(Collectors.joining(", "));
    Column y = columns.y();
    // a separate hash, because the group's hash is the same for all its rows
    Column order =
        expr("xxhash64(%sL, %s, %s)".formatted(~seed, Columns.quoted(columns.label()), content));
    List<Column> figures =
        new ArrayList<>(
            List.of(
                columns.total(),
                min(order),
                min_by(y, order),
                min_by(predictions.get(0), order),
                columns.mean(y),
                columns.variance(y)));
    for (Column prediction : predictions) {
      Column error = y.minus(prediction);
      figures.add(columns.sumOf(error.multiply(error)));
      figures.add(columns.sumOf(abs(error)));
    }
    // hashed twice, because the split already takes an interval of the single hash
    List<Row> groups =
        columns
            .counting(rows)
            .groupBy(expr("pmod(xxhash64(%sL, xxhash64(%s)), %s)".formatted(seed, content, MOST)))
            .agg(count(lit(1)), figures.toArray(Column[]::new))
            .collectAsList()
            .stream()
            .sorted(Comparator.comparingLong(group -> group.getLong(0)))
            .toList();
    if (groups.isEmpty()) {
      throw new DataRefusedException(
          "There is no row to evaluate; take in more rows or set another holdout.train-fraction");
    }
    double mean = mean(groups);
    return groups.stream().map(group -> group(group, mean, predictions.size())).toList();
  }

  private static double mean(List<Row> groups) {
    double rows = 0.0;
    double origin = groups.get(0).getDouble(MEAN);
    double shift = 0.0;
    for (Row group : groups) {
      rows += group.getDouble(TOTAL);
      shift += group.getDouble(TOTAL) * (group.getDouble(MEAN) - origin);
    }
    return origin + shift / rows;
  }

  private static Group group(Row group, double mean, int predictions) {
    double rows = group.getDouble(TOTAL);
    double deviation = group.getDouble(MEAN) - mean;
    double[] values = new double[ErrorSums.width(predictions)];
    values[0] = rows;
    values[1] = rows * deviation;
    values[2] = rows * (group.getDouble(MEAN + 1) + deviation * deviation);
    int errors = ErrorSums.squaredErrors(0);
    for (int i = errors; i < values.length; i++) {
      values[i] = group.getDouble(MEAN + 2 + i - errors);
    }
    return new Group(
        new ErrorSums(values),
        group.getLong(ROWS),
        group.getLong(ORDER),
        new LabelledPrediction(group.getDouble(ORDER + 1), group.getDouble(ORDER + 2)));
  }
}
