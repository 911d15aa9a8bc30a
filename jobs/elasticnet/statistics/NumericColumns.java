package elasticnet.statistics;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import elasticnet.LearningException;
import elasticnet.split.Columns;
import elasticnet.split.Folds;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/**
 * A table's rows as primitive arrays: first the row's fold in each repetition, then the features,
 * last the label. What is null arrives as NaN.
 *
 * @param folds how many entries are folds
 * @param names of the entries, for messages
 * @param values one double for each entry, never null
 */
public record NumericColumns(int folds, List<String> names, List<Column> values) {

  public static NumericColumns of(List<Folds> repetitions, List<String> features, String label) {
    List<String> names = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    for (Folds folds : repetitions) {
      names.add(folds.foldSql());
      values.add(orNan(folds.fold()));
    }
    List<String> columns = new ArrayList<>(features);
    columns.add(label);
    for (String column : columns) {
      names.add(column);
      values.add(orNan(col(Columns.quoted(column))));
    }
    return new NumericColumns(repetitions.size(), List.copyOf(names), List.copyOf(values));
  }

  /** One fold that has every row. */
  static NumericColumns unfolded(List<String> features, String label) {
    NumericColumns columns = of(List.of(), features, label);
    List<String> names = new ArrayList<>(columns.names());
    names.add(0, "all rows");
    List<Column> values = new ArrayList<>(columns.values());
    values.add(0, lit(0.0));
    return new NumericColumns(1, names, values);
  }

  public Dataset<double[]> arraysOf(Dataset<Row> rows) {
    return rows.select(array(values.toArray(Column[]::new)))
        .as(rows.sparkSession().implicits().newDoubleArrayEncoder());
  }

  /** Why rows are refused whose entry at this position is no number that can be used. */
  LearningException refusal(int entry) {
    String name = names.get(entry);
    return entry < folds
        ? new LearningException(
            "The fold \"%s\" is no whole number from 0 to k-1 in at least one train row; look for nulls in its columns, or give another expression"
                .formatted(name),
            null)
        : new LearningException(
            "The column \"%s\" is null, NaN, infinite or too large to be squared and added up in at least one train row; remove such rows before the fit, or give the column a larger unit"
                .formatted(name),
            null);
  }

  /** An array whose elements cannot be null is handed over as it is, without a look at each. */
  private static Column orNan(Column value) {
    return coalesce(value.cast(DataTypes.DoubleType), lit(Double.NaN));
  }
}
