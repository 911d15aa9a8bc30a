package elasticnet.split;

import static org.apache.spark.sql.functions.expr;

import org.apache.spark.sql.Column;

/**
 * Which fold of a cross-validation a row belongs to, as one Spark SQL expression over the table's
 * columns. If the table has a column with the folds, it is that column's name.
 *
 * @param foldSql an integer from 0 to k − 1 for every row, never null
 * @param k number of folds, at least 2
 */
public record Folds(String foldSql, int k) {
  public Folds {
    if (foldSql.isBlank()) {
      throw new IllegalArgumentException(
          "The folds have no expression; give the name of a column or an expression of 0 to k-1");
    }
    FoldSettings.requireFolds(k);
  }

  public Column fold() {
    return expr(foldSql);
  }
}
