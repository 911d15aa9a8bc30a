package sparkmlflow.model;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A fitted pipeline with what a consumer has to know to use it.
 *
 * @param pipeline takes the signature's inputs and adds its outputs
 * @param signature what goes in and comes out
 * @param example rows in the signature's inputs
 * @param metadata facts that travel with the model, such as the table version or a column's unit;
 *     they stand in MLmodel under {@code metadata} and may be empty
 */
public record FittedModel(
    PipelineModel pipeline,
    ModelSignature signature,
    InputExample example,
    Map<String, String> metadata) {

  private static final String PREDICTION = "prediction";
  private static final int EXAMPLE_ROWS = 5;

  /**
   * Checks that the three fit together; runs no Spark job.
   *
   * @throws IllegalArgumentException if the pipeline has no stage, cannot be applied to the inputs,
   *     does not give the outputs, or the example is not one of the inputs
   */
  public FittedModel {
    if (pipeline.stages().length == 0) {
      throw new IllegalArgumentException(
          "The pipeline has no stages; a model folder needs a fitted pipeline that predicts");
    }
    example = example.fitting(signature);
    requireFits(pipeline, signature);
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  /** The model without further facts. */
  public static FittedModel of(
      PipelineModel pipeline, ModelSignature signature, InputExample example) {
    return new FittedModel(pipeline, signature, example, Map.of());
  }

  /**
   * The model of a pipeline that is applied to rows like these: each of their columns is a required
   * input, {@code prediction} is the output, and the first complete and finite rows are the
   * example. Costs one small Spark job.
   *
   * @param rows the features alone, neither label nor what the pipeline adds
   * @throws IllegalArgumentException if a column's type is none of {@link ColumnType}'s, no row is
   *     complete and finite, or as the constructor does
   */
  public static FittedModel of(PipelineModel pipeline, Dataset<Row> rows) {
    List<ModelSignature.Column> inputs =
        Arrays.stream(rows.schema().fields())
            .map(
                field ->
                    ModelSignature.Column.required(
                        field.name(), type(field.name(), field.dataType())))
            .toList();
    StructType given = pipeline.transformSchema(rows.schema());
    ModelSignature signature =
        new ModelSignature(
            inputs,
            List.of(
                ModelSignature.Column.required(
                    PREDICTION,
                    given.getFieldIndex(PREDICTION).isDefined()
                        ? type(PREDICTION, given.apply(PREDICTION).dataType())
                        : ColumnType.DOUBLE)));
    InputExample example = InputExample.ofRows(showable(rows).limit(EXAMPLE_ROWS).collectAsList());
    return of(pipeline, signature, example);
  }

  /** The rows without a null, a NaN or an infinite number, which JSON has no text for. */
  private static Dataset<Row> showable(Dataset<Row> rows) {
    Dataset<Row> complete = rows.na().drop();
    for (StructField field : rows.schema().fields()) {
      if (field.dataType().equals(DataTypes.DoubleType)
          || field.dataType().equals(DataTypes.FloatType)) {
        complete =
            complete.filter(
                abs(col(ModelText.quoted(field.name()))).lt(lit(Double.POSITIVE_INFINITY)));
      }
    }
    return complete;
  }

  private static ColumnType type(String name, DataType type) {
    return ColumnType.of(type)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The column \""
                        + name
                        + "\" is "
                        + type.simpleString()
                        + " in Spark, which a signature cannot say; select the raw columns that"
                        + " the pipeline reads, of the types "
                        + Arrays.stream(ColumnType.values()).map(ColumnType::mlflowName).toList()));
  }

  private static void requireFits(PipelineModel pipeline, ModelSignature signature) {
    StructType given;
    try {
      given = pipeline.transformSchema(signature.inputSchema());
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "The pipeline cannot be applied to the signature's inputs "
              + signature.inputNames()
              + ": "
              + e.getMessage()
              + ". The signature must name every raw column that the pipeline reads",
          e);
    }
    for (ModelSignature.Column output : signature.outputs()) {
      if (!Arrays.asList(given.fieldNames()).contains(output.name())) {
        throw new IllegalArgumentException(
            "The pipeline gives no column \""
                + output.name()
                + "\"; the signature's outputs must be columns that the pipeline adds. It gives "
                + String.join(", ", given.fieldNames()));
      }
      var type = given.apply(output.name()).dataType();
      if (!type.equals(output.type().sparkType())) {
        throw new IllegalArgumentException(
            "The pipeline's column \""
                + output.name()
                + "\" is "
                + type.simpleString()
                + " in Spark, but the signature calls it "
                + output.type().mlflowName());
      }
    }
  }
}
