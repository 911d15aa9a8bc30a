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
 * <p>The graph has one input, not one for each column: MLflow then passes the whole data frame, its
 * columns in the signature's order. ONNX also forbids blanks in names.
 *
 * <p>NaN is an error, as it is for the pipeline's {@code VectorAssembler}; missing values arrive as
 * NaN, and MLflow's check lets NaN through. The graph looks the intercept up in a table of one
 * entry, at the index that is the number of unusable values, so any such value makes it fail.
 * Infinity is an error too, although the assembler gives an infinite prediction: JSON cannot
 * represent one.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">ONNX operators</a>
 */
final class OnnxGraph {

  static final String INPUT = "features";
  static final String OUTPUT = "prediction";

  // from 2020: every runtime in use reads them, and the graph needs nothing newer
  private static final long IR_VERSION = 7;
  private static final long OPERATOR_SET = 13;

  private OnnxGraph() {}

  /** The graph of a linear function; a runtime shows the metadata in their order. */
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
        .addInitializer(doubles("coefficients", form.coefficients(), List.of((long) width, 1L)))
        .addInitializer(doubles("intercept", List.of(form.intercept()), List.of(1L)))
        // infinity - infinity is NaN too
        .addNode(node("Sub", "zero_where_finite", "zeros", INPUT, INPUT))
        .addNode(node("IsNaN", "find_unusable_values", "is_unusable", "zeros"))
        .addNode(
            node("Cast", "number_unusable_values", "unusable_numbers", "is_unusable")
                .addAttribute(integer("to", TensorProto.DataType.INT64.getNumber())))
        .addNode(
            node("ReduceSum", "count_unusable_values", "unusable", "unusable_numbers")
                .addAttribute(integer("keepdims", 0)))
        // a runtime's message shows this node's name
        .addNode(
            node("Gather", "refuse_null_NaN_or_infinite_values", "offset", "intercept", "unusable"))
        .addNode(node("Gemm", "predict", OUTPUT, INPUT, "coefficients", "offset"))
        .build();
  }

  private static NodeProto.Builder node(
      String operator, String name, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName(name)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  private static AttributeProto.Builder integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value);
  }

  private static TensorProto.Builder doubles(String name, List<Double> values, List<Long> shape) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.DOUBLE.getNumber())
        .addAllDims(shape)
        .addAllDoubleData(values);
  }

  private static ValueInfoProto.Builder matrix(String name, long columns) {
    TensorShapeProto.Builder shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("rows"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns));
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.DOUBLE.getNumber())
                        .setShape(shape)));
  }
}
