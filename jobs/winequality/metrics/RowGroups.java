package winequality.metrics;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.var_pop;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Rows added up in groups by the content of their features, in one pass.
 *
 * <p>A group is one distinct feature row with all its twins while there are few, and a random
 * handful of distinct feature rows when there are many: at most 16,384 groups reach the driver,
 * whatever the number of rows. Weighting groups instead of rows costs nothing in validity, since a
 * random handful of independent units is itself a unit, and next to nothing in precision: a
 * standard error from g groups has a relative error of about {@code 1/sqrt(2g)}, 0.6 % at the most
 * groups.
 */
final class RowGroups {

  static final int MOST = 1 << 14;

  // places in the aggregated row, behind the group
  private static final int ROWS = 1;
  private static final int ORDER = 2;
  private static final int MEAN = 5;

  private RowGroups() {}

  /**
   * One group.
   *
   * @param sums over its rows
   * @param order uniform, whatever the group's rows: the groups with the lowest are a fair sample
   * @param example one of its rows with the first prediction, each distinct row as likely as
   *     another
   */
  record Group(ErrorSums sums, long order, LabelledPrediction example) {}

  /**
   * Reads the rows once.
   *
   * @param predictions columns of predictions, at least one
   * @param seed of the hash that makes the groups
   * @return the groups in an order which no partitioning changes
   * @throws EvaluationException if there is no row
   */
  static List<Group> of(
      Dataset<Row> rows, List<String> features, String label, List<Column> predictions, long seed) {
    String content = features.stream().map(Columns::quoted).collect(Collectors.joining(", "));
    Column y = col(Columns.quoted(label));
    // the order is a hash of its own: that of the group is the same for all its rows
    Column order = expr("xxhash64(%dL, %s, %s)".formatted(~seed, Columns.quoted(label), content));
    List<Column> figures =
        new ArrayList<>(
            List.of(
                min(order),
                min_by(y, order),
                min_by(predictions.get(0), order),
                avg(y),
                var_pop(y)));
    for (Column prediction : predictions) {
      Column error = y.minus(prediction);
      figures.add(sum(error.multiply(error)));
      figures.add(sum(abs(error)));
    }
    // hashed twice: the side of the split is an interval of the same hash for a seed
    List<Row> groups =
        rows
            .groupBy(expr("pmod(xxhash64(%dL, xxhash64(%s)), %d)".formatted(seed, content, MOST)))
            .agg(count(lit(1)), figures.toArray(Column[]::new))
            .collectAsList()
            .stream()
            .sorted(Comparator.comparingLong(group -> group.getLong(0)))
            .toList();
    if (groups.isEmpty()) {
      throw new EvaluationException(
          "There is no row to evaluate; take in more rows or set another holdout.train-fraction");
    }
    double mean = mean(groups);
    return groups.stream()
        .map(
            group ->
                new Group(
                    sums(group, mean, predictions.size()),
                    group.getLong(ORDER),
                    new LabelledPrediction(group.getDouble(ORDER + 1), group.getDouble(ORDER + 2))))
        .toList();
  }

  private static double mean(List<Row> groups) {
    double rows = 0.0;
    double origin = groups.get(0).getDouble(MEAN);
    double shift = 0.0;
    for (Row group : groups) {
      rows += group.getLong(ROWS);
      shift += group.getLong(ROWS) * (group.getDouble(MEAN) - origin);
    }
    return origin + shift / rows;
  }

  private static ErrorSums sums(Row group, double mean, int predictions) {
    double rows = group.getLong(ROWS);
    double deviation = group.getDouble(MEAN) - mean;
    double[] values = new double[ErrorSums.width(predictions)];
    values[0] = rows;
    values[1] = rows * deviation;
    values[2] = rows * (group.getDouble(MEAN + 1) + deviation * deviation);
    int errors = ErrorSums.squaredErrors(0);
    for (int i = errors; i < values.length; i++) {
      values[i] = group.getDouble(MEAN + 2 + i - errors);
    }
    return new ErrorSums(values);
  }
}
