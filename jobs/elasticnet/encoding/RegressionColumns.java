package elasticnet.encoding;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import elasticnet.LearningException;
import elasticnet.split.Columns;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a regression reads of its rows.
 *
 * @param label a number in every row
 * @param weight how much each row counts: a number from 0 to 1e100. Without it each row counts
 *     once. An integer weight equals repeating the row, except for two figures that count rows: the
 *     degrees of freedom of tests, as in R's {@code lm(weights=)}, and the mean that fills a gap
 */
public record RegressionColumns(FeatureEncoding features, String label, Optional<String> weight) {

  /** Plain numbers, at least one, which the model takes as they are. */
  public static RegressionColumns ofNumbers(List<String> features, String label) {
    return new RegressionColumns(FeatureEncoding.ofNumbers(features), label, Optional.empty());
  }

  /**
   * As the constructor, with the encoding of the features.
   *
   * @param train read once if a gap is to be filled with its mean
   * @throws LearningException as {@link FeatureEncoding#of}
   */
  public static RegressionColumns of(
      List<Feature> features, String label, Optional<String> weight, Dataset<Row> train) {
    return new RegressionColumns(
        FeatureEncoding.of(features, counted(train, weight)), label, weight);
  }

  /** The rows that count: all but those of the weight 0, of which nothing is read. */
  public Dataset<Row> counted(Dataset<Row> rows) {
    return counted(rows, weight);
  }

  private static Dataset<Row> counted(Dataset<Row> rows, Optional<String> weight) {
    return weight
        .map(name -> rows.where(not(col(Columns.quoted(name)).eqNullSafe(lit(0.0)))))
        .orElse(rows);
  }
}
