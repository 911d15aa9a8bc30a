package elasticnet.statistics;

import static org.apache.spark.ml.functions.array_to_vector;
import static org.apache.spark.ml.functions.vector_to_array;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.sum;

import org.apache.spark.ml.stat.Summarizer;
import org.apache.spark.sql.Column;

/** A weighted {@code var_pop}, which Spark SQL does not have. */
public final class WeightedVariance {

  private WeightedVariance() {}

  /**
   * An aggregate: {@code Σw(x−x̄)²/Σw}, centred as MLlib's {@code Summarizer} does it.
   *
   * @param weight a double above 0, never null
   */
  public static Column of(Column value, Column weight) {
    Column unbiased =
        vector_to_array(Summarizer.variance(array_to_vector(array(value)), weight), "float64")
            .getItem(0);
    Column total = sum(weight);
    // as MLlib computes its divisor, so that one weight may be much larger than the others
    Column divisor = total.minus(sum(weight.multiply(weight)).divide(total));
    return unbiased.multiply(divisor).divide(total);
  }
}
