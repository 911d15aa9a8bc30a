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
 * A fitted pipeline with what a consumer must know to use it.
 *
 * @param pipeline takes the signature's inputs and adds its outputs
 * @param signature the columns that go in and come out
 * @param example rows in the signature's inputs
 * @param metadata facts that travel with the model in MLmodel, such as the table version or a
 *     column's unit; may be empty
 */
public record FittedModel(
    PipelineModel pipeline,
    ModelSignature signature,
    InputExample example,
    Map<String, String> metadata) {

  private static final String PREDICTION = "prediction";
  private static final int EXAMPLE_ROWS = 5;

  /**
   * Runs no Spark job. Throws {@link IllegalArgumentException} if the pipeline has no stages,
   * cannot be applied to the inputs or does not produce the outputs, or the example does not match
   * the inputs.
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

  /** A model without metadata. */
  public static FittedModel of(
      PipelineModel pipeline, ModelSignature signature, InputExample example) {
    return new FittedModel(pipeline, signature, example, Map.of());
  }

  /**
   * Derives signature and example from rows: each column is a required input, {@code prediction} is
   * the output, and the first five complete and finite rows are the example. Runs one small Spark
   * job.
   *
   * @param rows the features only: neither the label nor columns that the pipeline adds
   * @throws IllegalArgumentException if {@link ColumnType} lacks a column's type, no row is
   *     complete and finite, or the constructor rejects the model
   */
  public static FittedModel of(PipelineModel pipeline, Dataset<Row> rows) {
    List<ModelSignature.Column> inputs =
        Arrays.stream(rows.schema().fields()).map(FittedModel::required).toList();
    // without the column the constructor throws, whatever the type
    ModelSignature.Column output =
        Arrays.stream(pipeline.transformSchema(rows.schema()).fields())
            .filter(field -> field.name().equals(PREDICTION))
            .findFirst()
            .map(FittedModel::required)
            .orElse(ModelSignature.Column.required(PREDICTION, ColumnType.DOUBLE));
    InputExample example = InputExample.ofRows(showable(rows).limit(EXAMPLE_ROWS).collectAsList());
    return of(pipeline, new ModelSignature(inputs, List.of(output)), example);
  }

  /** The rows without null, NaN and infinity, which JSON cannot represent. */
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

  private static ModelSignature.Column required(StructField field) {
    ColumnType type =
        ColumnType.of(field.dataType())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "The column \"%s\" is %s in Spark, a type that signatures do not have; select the raw columns that the pipeline reads, with the types %s"
                            .formatted(
                                field.name(),
                                field.dataType().simpleString(),
                                Arrays.stream(ColumnType.values())
                                    .map(ColumnType::mlflowName)
                                    .toList())));
    return ModelSignature.Column.required(field.name(), type);
  }

  private static void requireFits(PipelineModel pipeline, ModelSignature signature) {
    StructType given;
    try {
      given = pipeline.transformSchema(signature.inputSchema());
    } catch (Exception e) { // SQLTransformer throws Spark's checked ones, which Java does not see
      throw new IllegalArgumentException(
          "The pipeline cannot be applied to the signature's inputs %s: %s. The signature must name every raw column that the pipeline reads"
              .formatted(signature.inputNames(), e.getMessage()),
          e);
    }
    for (ModelSignature.Column output : signature.outputs()) {
      if (!Arrays.asList(given.fieldNames()).contains(output.name())) {
        throw new IllegalArgumentException(
            "The pipeline gives no column \"%s\"; the signature's outputs must be columns that the pipeline adds. It gives %s"
                .formatted(output.name(), String.join(", ", given.fieldNames())));
      }
      DataType type = given.apply(output.name()).dataType();
      if (!type.equals(output.type().sparkType())) {
        throw new IllegalArgumentException(
            "The pipeline's column \"%s\" is %s in Spark, but the signature calls it %s"
                .formatted(output.name(), type.simpleString(), output.type().mlflowName()));
      }
    }
  }
}
