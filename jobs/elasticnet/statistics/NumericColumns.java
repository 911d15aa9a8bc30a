package elasticnet.statistics;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import elasticnet.LearningException;
import elasticnet.encoding.RegressionColumns;
import elasticnet.split.Columns;
import elasticnet.split.Folds;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/**
 * A table's rows as primitive arrays: first the row's fold in each repetition, then its weight if
 * there is one, the model's columns, and last the label. Null becomes NaN. Rows of the weight 0 are
 * left out.
 *
 * @param columns what is read; the folds are expressions over the table's own columns
 * @param folds how many entries are folds
 * @param first the index of the first of the model's columns
 * @param values one double for each entry of an encoded row, never null
 */
public record NumericColumns(
    RegressionColumns columns, int folds, int first, List<String> names, List<Column> values) {

  public static NumericColumns of(List<Folds> repetitions, RegressionColumns columns) {
    return of(
        repetitions.stream().map(Folds::foldSql).toList(),
        repetitions.stream().map(Folds::fold).toList(),
        columns);
  }

  static NumericColumns unfolded(RegressionColumns columns) {
    return of(List.of("all rows"), List.of(lit(0)), columns);
  }

  private static NumericColumns of(
      List<String> foldNames, List<Column> folds, RegressionColumns columns) {
    List<String> names = new ArrayList<>(foldNames);
    List<Column> values = new ArrayList<>(folds);
    columns.weight().ifPresent(names::add);
    columns.weight().map(Columns::quoted).ifPresent(weight -> values.add(col(weight)));
    int first = values.size();
    names.addAll(columns.features().names());
    values.addAll(columns.features().columns().values());
    names.add(columns.label());
    values.add(col(Columns.quoted(columns.label())));
    // Spark hands an array over without a look at each element if none can be null
    values.replaceAll(value -> coalesce(value.cast(DataTypes.DoubleType), lit(Double.NaN)));
    return new NumericColumns(
        columns, folds.size(), first, List.copyOf(names), List.copyOf(values));
  }

  public Dataset<double[]> arraysOf(Dataset<Row> rows) {
    return columns
        .features()
        .encode(columns.counted(rows))
        .select(array(values.toArray(Column[]::new)))
        .as(rows.sparkSession().implicits().newDoubleArrayEncoder());
  }

  LearningException refusal(int entry) {
    String message =
        entry < folds
            ? "The fold \"%s\" is not a whole number from 0 to k-1 in at least one train row; look for nulls in its columns, or give another expression"
            : entry < first
                ? "The weight \"%s\" is null, NaN, negative or above 1e100 in at least one train row; remove such rows before the fit, or divide all weights by a number"
                : "The column \"%s\" is null, NaN, infinite or too large to be squared and added up in at least one train row; remove such rows before the fit, or give the column a larger unit";
    return new LearningException(message.formatted(names.get(entry)), null);
  }
}
