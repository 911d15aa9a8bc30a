package elasticnet.encoding;

import java.util.List;

/**
 * What a regression reads of its rows.
 *
 * @param label a number in every row
 */
public record RegressionColumns(FeatureEncoding features, String label) {

  /** Plain numbers, at least one, which the model takes as they are. */
  public static RegressionColumns ofNumbers(List<String> features, String label) {
    return new RegressionColumns(FeatureEncoding.ofNumbers(features), label);
  }
}
