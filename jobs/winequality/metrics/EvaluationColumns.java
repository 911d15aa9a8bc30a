package winequality.metrics;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftright;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import winequality.data.DatasetDescription;

/**
 * The columns that an evaluation reads besides predictions.
 *
 * @param features columns whose values make rows duplicates
 * @param weight how much a row counts: a finite number, at least 0; empty if each counts once
 */
public record EvaluationColumns(List<String> features, String label, Optional<String> weight) {

  // positions in the array of a row
  static final int GROUP = 0;
  static final int HASH = 1;
  static final int WEIGHT = 3;
  static final int OTHER = 4;
  static final int LABEL = 5;
  static final int PREDICTION = 6;
  static final int MODEL = 7;

  public EvaluationColumns {
    features = List.copyOf(features);
  }

  public static EvaluationColumns of(DatasetDescription dataset) {
    return new EvaluationColumns(dataset.features(), dataset.label(), dataset.weight());
  }

  /**
   * The rows as primitive arrays, without those of weight 0, which count nowhere.
   *
   * <p>The group of a train row is negative. A hash is two values, since a double holds half of it.
   *
   * @param isTrain never null
   */
  Dataset<double[]> arrays(
      Dataset<Row> rows,
      Column isTrain,
      Column prediction,
      Column other,
      Collection<Column> modelColumns,
      long seed) {
    String content = features.stream().map(Columns::quoted).collect(Collectors.joining(", "));
    // hashed twice, because the split already takes an interval of the single hash
    Column group =
        expr(
            "pmod(xxhash64(%sL, xxhash64(%s)), %s)"
                .formatted(seed, content, EvaluationPass.GROUPS));
    // a separate hash, because the group's hash is the same for all its rows
    Column hash = expr("xxhash64(%sL, %s, %s)".formatted(~seed, Columns.quoted(label), content));
    List<Column> values =
        new ArrayList<>(
            List.of(
                when(isTrain, lit(-1L)).otherwise(group),
                when(isTrain, lit(0L)).otherwise(shiftright(hash, Integer.SIZE)),
                when(isTrain, lit(0L)).otherwise(hash.bitwiseAND(lit(0xFFFF_FFFFL))),
                weight.map(name -> col(Columns.quoted(name))).orElse(lit(1.0)),
                other,
                col(Columns.quoted(label)),
                prediction));
    values.addAll(modelColumns);
    // Spark hands an array over without a look at each element if none can be null
    values.replaceAll(value -> coalesce(value.cast(DataTypes.DoubleType), lit(Double.NaN)));
    return weight
        .map(name -> rows.filter(col(Columns.quoted(name)).gt(0.0)))
        .orElse(rows)
        .select(array(values.toArray(Column[]::new)))
        .as(rows.sparkSession().implicits().newDoubleArrayEncoder());
  }
}
