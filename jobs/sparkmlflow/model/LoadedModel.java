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
import org.apache.spark.sql.types.StructField;

/** A registered model in Spark; its pipeline also gives stages and further columns. */
public record LoadedModel(StoredModel stored, PipelineModel pipeline) {

  private static final String PREDICTION = "prediction";
  private static final String ROW = "_row";

  /** Empty if the model was registered without a signature. */
  public Optional<ModelSignature> signature() {
    return stored.signature();
  }

  /**
   * Adds a column with the model's predictions. Nothing is read before an action, which fails at a
   * row that lacks a value.
   *
   * <p>A linear model becomes an expression over the columns, which Spark compiles. It agrees with
   * the pipeline within the bound in {@link sparkmlflow.model}. Any other model is applied by its
   * pipeline, which costs several times as much.
   *
   * @param rows with the signature's inputs
   * @param as name of the new column, which the rows must not have yet
   * @throws IllegalArgumentException if a column is missing or has another type
   */
  public Dataset<Row> predict(Dataset<Row> rows, String as) {
    if (signature().isPresent()
        && GraphForm.of(pipeline, signature().get()) instanceof GraphForm.Linear linear
        && areDoubles(rows, linear.inputs())) {
      return rows.select(col("*"), prediction(linear).as(as));
    }
    return transformed(rows, as);
  }

  private static boolean areDoubles(Dataset<Row> rows, List<String> inputs) {
    return Arrays.stream(rows.schema().fields())
        .filter(field -> field.dataType().equals(DataTypes.DoubleType))
        .map(StructField::name)
        .toList()
        .containsAll(inputs);
  }

  private static Column prediction(GraphForm.Linear linear) {
    Column sum = lit(0.0);
    Column missing = lit(false);
    for (int i = 0; i < linear.inputs().size(); i++) {
      Column input = col(ModelText.quoted(linear.inputs().get(i)));
      missing = missing.or(input.isNull()).or(isnan(input));
      // a coefficient of 0 hides every value of its column but infinity
      sum = sum.plus(input.multiply(lit(linear.coefficients().get(i))));
    }
    return when(
            missing,
            raise_error(lit("A row has no value, or NaN, in one of " + linear.inputs()))
                .cast(DataTypes.DoubleType))
        .otherwise(sum.plus(lit(linear.intercept())));
  }

  /** Packs the row into one column, because the pipeline may add columns of the same names. */
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
