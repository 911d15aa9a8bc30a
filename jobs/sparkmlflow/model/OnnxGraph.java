package sparkmlflow.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import java.util.Map;

/**
 * A linear function as an ONNX model in double precision: {@code features} (rows × inputs) in,
 * {@code prediction} (rows × 1) out.
 *
 * <p>One input rather than one for each column, since MLflow hands a graph with one input the whole
 * data frame, its columns in the signature's order, and ONNX allows no blanks in names.
 *
 * <p>A value that is NaN, which is also what a missing one arrives as, is an error, as it is to the
 * pipeline's {@code VectorAssembler}: the intercept is taken from the place that is the number of
 * such values, and there is a place 0 only. MLflow's own check lets NaN through. An infinite value
 * is an error as well, where the assembler gives an infinite prediction: no row like it is accepted
 * into a training, and JSON has no number to answer with.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">ONNX operators</a>
 */
final class OnnxGraph {

  static final String INPUT = "features";
  static final String OUTPUT = "prediction";

  // of 2020; any runtime in use reads them, and nothing newer is needed
  private static final long IR_VERSION = 7;
  private static final long OPERATOR_SET = 13;

  private OnnxGraph() {}

  /**
   * The model.
   *
   * @param metadata what a runtime shows of it, in this order
   */
  static ModelProto of(GraphForm.Linear form, Map<String, String> metadata) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("winequality")
            .setDocString(
                "prediction = intercept + features x coefficients; the metadata feature_names"
                    + " names the columns of features in their order")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET))
            .setGraph(graph(form));
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }

  private static GraphProto graph(GraphForm.Linear form) {
    int width = form.inputs().size();
    return GraphProto.newBuilder()
        .setName("linear_regression")
        .addInput(matrix(INPUT, width))
        .addOutput(matrix(OUTPUT, 1))
        .addInitializer(doubles("coefficients", form.coefficients(), width, 1))
        .addInitializer(doubles("intercept", List.of(form.intercept()), 1))
        // infinity less infinity is NaN too
        .addNode(node("Sub", "zero_where_finite", "zeros", INPUT, INPUT))
        .addNode(node("IsNaN", "find_unusable_values", "is_unusable", "zeros"))
        .addNode(
            node("Cast", "number_unusable_values", "unusable_numbers", "is_unusable").toBuilder()
                .addAttribute(integer("to", TensorProto.DataType.INT64.getNumber())))
        .addNode(
            node("ReduceSum", "count_unusable_values", "unusable", "unusable_numbers").toBuilder()
                .addAttribute(integer("keepdims", 0)))
        // its name is what a runtime's message shows
        .addNode(
            node("Gather", "refuse_null_NaN_or_infinite_values", "offset", "intercept", "unusable"))
        .addNode(node("Gemm", "predict", OUTPUT, INPUT, "coefficients", "offset"))
        .build();
  }

  private static NodeProto node(String operator, String name, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName(name)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static TensorProto doubles(String name, List<Double> values, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.DOUBLE.getNumber());
    for (long size : shape) {
      tensor.addDims(size);
    }
    return tensor.addAllDoubleData(values).build();
  }

  /** Any number of rows, of doubles. */
  private static ValueInfoProto matrix(String name, long columns) {
    TensorShapeProto shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("rows"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns))
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.DOUBLE.getNumber())
                        .setShape(shape)))
        .build();
  }
}
