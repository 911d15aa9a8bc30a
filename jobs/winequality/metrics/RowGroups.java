package winequality.metrics;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.var_pop;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.ColumnDescription;

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

  private RowGroups() {}

  /**
   * Reads the rows once.
   *
   * @param predictions names of the prediction columns
   * @param seed of the hash that makes the groups
   * @return sums of each group, in the groups' order, which no partitioning changes
   * @throws EvaluationException if there is no row
   */
  static List<ErrorSums> of(
      Dataset<Row> rows, List<String> features, String label, List<String> predictions, long seed) {
    String content =
        features.stream().map(ColumnDescription::quoted).collect(Collectors.joining(", "));
    Column y = col(ColumnDescription.quoted(label));
    List<Column> sums = new ArrayList<>(List.of(avg(y), var_pop(y)));
    for (String prediction : predictions) {
      Column error = y.minus(col(ColumnDescription.quoted(prediction)));
      sums.add(sum(error.multiply(error)));
      sums.add(sum(abs(error)));
    }
    // hashed twice: the side of the split is an interval of the same hash for a seed
    List<Row> groups =
        rows
            .groupBy(expr("pmod(xxhash64(%dL, xxhash64(%s)), %d)".formatted(seed, content, MOST)))
            .agg(count(lit(1)), sums.toArray(Column[]::new))
            .collectAsList()
            .stream()
            .sorted(Comparator.comparingLong(group -> group.getLong(0)))
            .toList();
    if (groups.isEmpty()) {
      throw new EvaluationException(
          "There is no row to evaluate; take in more rows or set another holdout.train-fraction");
    }
    double mean = mean(groups);
    return groups.stream().map(group -> sums(group, mean, predictions.size())).toList();
  }

  private static double mean(List<Row> groups) {
    double rows = 0.0;
    double origin = groups.get(0).getDouble(2);
    double shift = 0.0;
    for (Row group : groups) {
      rows += group.getLong(1);
      shift += group.getLong(1) * (group.getDouble(2) - origin);
    }
    return origin + shift / rows;
  }

  private static ErrorSums sums(Row group, double mean, int predictions) {
    double rows = group.getLong(1);
    double deviation = group.getDouble(2) - mean;
    double[] values = new double[ErrorSums.width(predictions)];
    values[0] = rows;
    values[1] = rows * deviation;
    values[2] = rows * (group.getDouble(3) + deviation * deviation);
    for (int i = ErrorSums.squaredErrors(0); i < values.length; i++) {
      values[i] = group.getDouble(i + 1);
    }
    return new ErrorSums(values);
  }
}
