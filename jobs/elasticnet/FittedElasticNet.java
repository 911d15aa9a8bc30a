package elasticnet;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A fitted elastic net, whose pipeline adds the columns {@code features} and {@code prediction},
 * and those that its stages make on the way.
 *
 * @param intercept in the label's unit
 * @param coefficients label units per unit of the model's column, by the column's name, in the
 *     encoding's order
 * @param objectiveHistory the solver's objective at the start and after each iteration; empty if
 *     the solution is direct (Cholesky)
 * @param trainRmse root mean square of the fitted rows' errors, in the label's unit: a scale for
 *     plots, because for an almost perfect fit it is mostly rounding
 */
public record FittedElasticNet(
    PipelineModel pipeline,
    double intercept,
    Map<String, Double> coefficients,
    List<Double> objectiveHistory,
    double trainRmse) {

  /** The column that the pipeline writes its predictions to. */
  public static final String PREDICTION = "prediction";

  public FittedElasticNet {
    // Map.copyOf would lose the columns' order
    coefficients = Collections.unmodifiableMap(new LinkedHashMap<>(coefficients));
    objectiveHistory = List.copyOf(objectiveHistory);
  }

  /** Nothing is read before an action. */
  public Dataset<Row> predict(Dataset<Row> rows) {
    return pipeline.transform(rows);
  }
}
