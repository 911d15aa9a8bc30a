package winequality.metrics;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.covar_pop;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.var_pop;

import elasticnet.split.Columns;
import elasticnet.statistics.WeightedVariance;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.DatasetDescription;

/**
 * The columns that an evaluation reads besides predictions, and the aggregates of a column.
 *
 * <p>Means and variances are weighted, with the sum of the weights as divisor. Variances are
 * centred aggregates of Spark or MLlib. They merge partitions without cancellation (Chan, Golub,
 * LeVeque 1983), so R² is accurate for labels far from 0 too.
 *
 * @param features columns whose values make rows duplicates
 * @param weight how much a row counts: a finite number, at least 0; empty if each counts once
 */
public record EvaluationColumns(List<String> features, String label, Optional<String> weight) {
  public EvaluationColumns {
    features = List.copyOf(features);
  }

  /** Each row counts once. */
  public static EvaluationColumns of(List<String> features, String label) {
    return new EvaluationColumns(features, label, Optional.empty());
  }

  public static EvaluationColumns of(DatasetDescription dataset) {
    return new EvaluationColumns(dataset.features(), dataset.label(), dataset.weight());
  }

  Column y() {
    return col(Columns.quoted(label));
  }

  /** The rows without those of weight 0, which count nowhere. */
  Dataset<Row> counting(Dataset<Row> rows) {
    return weight.map(name -> rows.filter(col(Columns.quoted(name)).gt(0.0))).orElse(rows);
  }

  /** The sum of the weights. */
  Column total() {
    return weighted().map(w -> sum(w)).orElseGet(() -> count(lit(1)).cast("double"));
  }

  Column sumOf(Column value) {
    return weighted().map(w -> sum(w.multiply(value))).orElseGet(() -> sum(value));
  }

  Column mean(Column value) {
    return weight.isPresent() ? sumOf(value).divide(total()) : avg(value);
  }

  /** With the sum of the weights as divisor. */
  Column variance(Column value) {
    return weighted().map(w -> WeightedVariance.of(value, w)).orElseGet(() -> var_pop(value));
  }

  Column covariance(Column one, Column other) {
    return weight.isPresent()
        ? variance(one).plus(variance(other)).minus(variance(one.minus(other))).divide(2.0)
        : covar_pop(one, other);
  }

  private Optional<Column> weighted() {
    return weight.map(name -> col(Columns.quoted(name)));
  }
}
