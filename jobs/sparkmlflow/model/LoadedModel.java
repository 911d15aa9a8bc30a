package sparkmlflow.model;

import static java.util.stream.Collectors.toMap;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * A registered model in Spark; its pipeline also gives stages and further columns.
 *
 * <p>The pipeline is loaded when it is first needed, which takes Spark a job for each file. A
 * linear model written by this library predicts without it.
 */
public final class LoadedModel {

  /** Terms of a sum that are added one after the other. */
  private static final int SUMMED = 100;

  private static final String PREDICTION = "prediction";
  private static final String ROW = "_row";

  private final StoredModel stored;
  private final Optional<GraphForm.Linear> linear;
  private final Supplier<PipelineModel> loading;
  private @Nullable PipelineModel pipeline;

  /**
   * @param linear the function as the folder tells it; empty if only the pipeline tells
   * @param loading loads the pipeline
   */
  LoadedModel(
      StoredModel stored, Optional<GraphForm.Linear> linear, Supplier<PipelineModel> loading) {
    this.stored = stored;
    this.linear = linear;
    this.loading = loading;
  }

  public StoredModel stored() {
    return stored;
  }

  /** Throws DamagedFilesException if Spark cannot load it, also because its files are gone. */
  public synchronized PipelineModel pipeline() {
    if (pipeline == null) {
      pipeline = loading.get();
    }
    return pipeline;
  }

  /** Empty if the model was registered without a signature. */
  public Optional<ModelSignature> signature() {
    return stored.signature();
  }

  /**
   * Adds a column with the model's predictions. Nothing is read before an action, which fails at a
   * row that lacks a value, or has an unknown level, which the model does not allow for.
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
    return linear()
        .filter(function -> haveTypes(rows, function))
        .map(function -> rows.select(col("*"), prediction(function).as(as)))
        .orElseGet(() -> transformed(rows, as));
  }

  private Optional<GraphForm.Linear> linear() {
    return linear.or(
        () ->
            signature()
                .map(signature -> GraphReader.read(pipeline(), signature))
                .filter(GraphForm.Linear.class::isInstance)
                .map(GraphForm.Linear.class::cast));
  }

  /**
   * The levels of each text, by its column's name, where a row with any other text makes {@link
   * #predict} fail.
   */
  public Map<String, Set<String>> strictLevels() {
    if (linear.isPresent()) {
      return linear.get().strictLevels();
    }
    Map<String, Set<String>> levels = new LinkedHashMap<>();
    for (Transformer stage : pipeline().stages()) {
      if (stage instanceof StringIndexerModel indexer
          && indexer.getHandleInvalid().equals("error")) {
        String[] inputs =
            indexer.isSet(indexer.inputCols())
                ? indexer.getInputCols()
                : new String[] {indexer.getInputCol()};
        for (int i = 0; i < inputs.length; i++) {
          levels.put(inputs[i], Set.of(indexer.labelsArray()[i]));
        }
      }
    }
    return levels;
  }

  private static boolean haveTypes(Dataset<Row> rows, GraphForm.Linear linear) {
    Map<String, DataType> types =
        Arrays.stream(rows.schema().fields())
            .collect(toMap(StructField::name, StructField::dataType, (one, other) -> other));
    return linear.terms().stream()
        .allMatch(term -> term.type().sparkType().equals(types.get(term.input())));
  }

  private static Column prediction(GraphForm.Linear linear) {
    List<Column> sum = new ArrayList<>();
    List<Column> unusable = new ArrayList<>(List.of(lit(false), lit(false)));
    for (GraphForm.Term term : linear.terms()) {
      Column input = col(ModelText.quoted(term.input()));
      if (term instanceof GraphForm.Numeric number) {
        Column missing = input.isNull().or(isnan(input));
        if (number.isFilled()) {
          input = when(missing, lit(number.surrogate())).otherwise(input);
          sum.add(when(missing, lit(number.missing())).otherwise(lit(0.0)));
        } else {
          unusable.add(missing);
        }
        // a coefficient of 0 hides every value of its column but infinity
        sum.add(input.multiply(lit(number.coefficient())));
      } else if (term instanceof GraphForm.Category category) {
        sum.add(level(category, input));
      }
    }
    return when(
            greatest(unusable.toArray(Column[]::new)),
            refused("A row has no value, or NaN, in one of " + linear.inputs()))
        .otherwise(sum(sum).plus(lit(linear.intercept())));
  }

  /** The sum by parts: Spark walks down a chain by recursion, and its stack ends at 1,000. */
  private static Column sum(List<Column> terms) {
    List<Column> parts = new ArrayList<>();
    for (int from = 0; from < terms.size(); from += SUMMED) {
      parts.add(
          terms.subList(from, Math.min(from + SUMMED, terms.size())).stream()
              .reduce(lit(0.0), Column::plus));
    }
    return parts.size() > 1 ? sum(parts) : parts.isEmpty() ? lit(0.0) : parts.get(0);
  }

  private static Column level(GraphForm.Category category, Column input) {
    Column known = when(lit(false), lit(0.0)); // only to begin the chain
    for (Map.Entry<String, Double> level : category.levels().entrySet()) {
      known = known.when(input.equalTo(level.getKey()), lit(level.getValue()));
    }
    return known.otherwise(
        category.other().isPresent()
            ? lit(category.other().getAsDouble())
            : refused("A row has no value, or an unknown level, in " + category.input()));
  }

  private static Column refused(String message) {
    return raise_error(lit(message)).cast(DataTypes.DoubleType);
  }

  /** Packs the row into one column, because the pipeline may add columns of the same names. */
  private Dataset<Row> transformed(Dataset<Row> rows, String as) {
    List<String> inputs =
        signature().map(ModelSignature::inputNames).orElseGet(() -> List.of(rows.columns()));
    List<Column> columns = new ArrayList<>(List.of(struct(col("*")).as(ROW)));
    inputs.stream()
        .filter(Arrays.asList(rows.columns())::contains)
        .forEach(input -> columns.add(col(ModelText.quoted(input))));
    return pipeline()
        .transform(rows.select(columns.toArray(Column[]::new)))
        .select(col(ROW + ".*"), col(PREDICTION).as(as));
  }
}
