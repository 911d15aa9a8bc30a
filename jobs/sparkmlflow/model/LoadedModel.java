package sparkmlflow.model;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/** A registered model in Spark. */
public final class LoadedModel {

  private static final String PREDICTION = "prediction";
  private static final String ROW = "_row";

  private final StoredModel stored;
  private final PipelineModel pipeline;

  LoadedModel(StoredModel stored, PipelineModel pipeline) {
    this.stored = stored;
    this.pipeline = pipeline;
  }

  /** What it takes and gives; empty if it was registered without that. */
  public Optional<ModelSignature> signature() {
    return stored.signature();
  }

  /** The pipeline itself, for what {@link #predict} does not give: stages, further columns. */
  public PipelineModel pipeline() {
    return pipeline;
  }

  /**
   * The rows with the model's predictions in one more column; nothing is read before an action,
   * which fails at a row that lacks a value.
   *
   * <p>A linear model is an expression over the columns, which Spark compiles. It agrees with the
   * pipeline within the bound that {@link sparkmlflow.model} states. Any other model is applied by
   * its pipeline, which costs several times as much.
   *
   * @param rows with the signature's inputs
   * @param as name of the new column; the rows have none of that name
   * @throws IllegalArgumentException if a column is missing or has another type
   */
  public Dataset<Row> predict(Dataset<Row> rows, String as) {
    Optional<GraphForm.Linear> linear =
        signature()
            .map(signature -> GraphForm.of(pipeline, signature))
            .filter(GraphForm.Linear.class::isInstance)
            .map(GraphForm.Linear.class::cast)
            .filter(form -> areDoubles(rows, form.inputs()));
    return linear.isPresent()
        ? rows.select(col("*"), prediction(linear.get()).as(as))
        : transformed(rows, as);
  }

  private static boolean areDoubles(Dataset<Row> rows, List<String> inputs) {
    List<String> names = Arrays.asList(rows.columns());
    return inputs.stream()
        .allMatch(
            input ->
                names.contains(input)
                    && rows.schema().apply(input).dataType().equals(DataTypes.DoubleType));
  }

  private static Column prediction(GraphForm.Linear linear) {
    Column sum = lit(0.0);
    Column missing = lit(false);
    for (int i = 0; i < linear.inputs().size(); i++) {
      Column input = col(ModelText.quoted(linear.inputs().get(i)));
      missing = missing.or(input.isNull()).or(isnan(input));
      // what a column without a coefficient holds does not matter, unless it is infinite
      sum = sum.plus(input.multiply(lit(linear.coefficients().get(i))));
    }
    return when(
            missing,
            raise_error(lit("A row has no value, or NaN, in one of " + linear.inputs()))
                .cast(DataTypes.DoubleType))
        .otherwise(sum.plus(lit(linear.intercept())));
  }

  /** Columns that the pipeline adds may be in the way of those of the rows, which go aside. */
  private Dataset<Row> transformed(Dataset<Row> rows, String as) {
    List<String> inputs =
        signature().map(ModelSignature::inputNames).orElseGet(() -> List.of(rows.columns()));
    List<Column> columns = new ArrayList<>(List.of(struct(col("*")).as(ROW)));
    inputs.stream()
        .filter(Arrays.asList(rows.columns())::contains)
        .forEach(input -> columns.add(col(ModelText.quoted(input))));
    return pipeline
        .transform(rows.select(columns.toArray(Column[]::new)))
        .select(col(ROW + ".*"), col(PREDICTION).as(as));
  }
}
