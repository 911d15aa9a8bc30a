package elasticnet.split;

import static org.apache.spark.sql.functions.expr;

import org.apache.spark.sql.Column;

/**
 * Which rows train, as one Spark SQL predicate over the table's columns.
 *
 * @param trainSql true for exactly the train rows; never null
 */
public record Holdout(String trainSql, HoldoutSettings settings) {
  public Column isTrain() {
    return expr(trainSql);
  }
}
