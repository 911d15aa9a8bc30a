package sparkmlflow.model;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.DOUBLE;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT64;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.STRING;

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
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;

/**
 * A linear function as an ONNX model in double precision: {@code features} (rows × inputs) in,
 * {@code prediction} (rows × 1) out.
 *
 * <p>The graph has one input, not one for each column: MLflow then passes the whole data frame, its
 * columns in the signature's order. With several inputs MLflow 3.17 passes each column as pandas
 * holds it, and ONNX Runtime does not take pandas 3's columns of text. ONNX also forbids blanks in
 * names.
 *
 * <p>Without categories {@code features} are doubles. With categories they are texts, because a
 * data frame of numbers and texts becomes an array of objects, which ONNX Runtime's Python writes
 * as texts: a number with all its digits, null as {@code None} or {@code nan}. The graph reads the
 * same doubles from them, and fails for subnormal numbers and in a process whose locale has a
 * decimal comma (Python's has none unless it calls {@code setlocale}; a JVM has the locale of its
 * environment). Who calls the graph without MLflow must write numbers well: ONNX Runtime reads a
 * text such as {@code 1,5} as 1, as far as it is a number.
 *
 * <p>NaN is an error, as it is for the pipeline's {@code VectorAssembler}; missing values arrive as
 * NaN, and MLflow's check lets NaN through. The graph looks the intercept up in a table of one
 * entry, at the index that is the number of unusable values, so any such value makes it fail.
 * Infinity is an error too, although the assembler gives an infinite prediction: JSON cannot
 * represent one. A gap is filled before this check, a category is looked up in the table of its
 * levels: an unknown one, or null, is the table's last entry or, if the pipeline refuses it, beyond
 * the table.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">ONNX operators</a>
 */
final class OnnxGraph {

  static final String INPUT = "features";
  static final String OUTPUT = "prediction";

  /** The metadata that hold the function as JSON, which a JVM reads without Spark. */
  static final String LINEAR = "linear";

  // from 2020: every runtime in use reads them, and the graph needs nothing newer
  private static final long IR_VERSION = 7;
  private static final long OPERATOR_SET = 13;
  private static final String ML = "ai.onnx.ml";
  private static final long ML_OPERATOR_SET = 2;

  private final GraphForm.Linear form;
  private final List<GraphForm.Numeric> numbers;
  private final boolean texts;
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("linear_regression");

  private OnnxGraph(GraphForm.Linear form) {
    this.form = form;
    this.numbers =
        form.terms().stream()
            .filter(GraphForm.Numeric.class::isInstance)
            .map(GraphForm.Numeric.class::cast)
            .toList();
    this.texts = numbers.size() < form.terms().size();
  }

  /** The graph of a linear function; a runtime shows the metadata in their order. */
  static ModelProto of(GraphForm.Linear form, Map<String, String> metadata) {
    OnnxGraph graph = new OnnxGraph(form);
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("winequality")
            .setDocString(
                (graph.texts
                        ? "prediction = intercept + what each column of features adds, all as text"
                        : "prediction = intercept + features x coefficients")
                    + "; the metadata feature_names names the columns of features in their order")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET));
    if (graph.texts) {
      model.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(ML).setVersion(ML_OPERATOR_SET));
    }
    model.setGraph(graph.graph());
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }

  /** The function of a file that {@link #of} made; empty for others, and those of 1.0.0. */
  static Optional<GraphForm.Linear> linear(Path file) throws IOException {
    try {
      return ModelProto.parseFrom(Files.readAllBytes(file)).getMetadataPropsList().stream()
          .filter(entry -> entry.getKey().equals(LINEAR))
          .map(entry -> GraphForm.Linear.ofJson(entry.getValue()))
          .findFirst();
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private GraphProto graph() {
    graph
        .addInput(matrix(INPUT, texts ? STRING : DOUBLE, form.terms().size()))
        .addOutput(matrix(OUTPUT, DOUBLE, 1));
    // each refusal's look-up takes one dimension away
    List<Long> shape = Collections.nCopies(texts && !numbers.isEmpty() ? 2 : 1, 1L);
    graph.addInitializer(doubles("intercept", List.of(form.intercept()), shape));
    String offset = "intercept";
    String values = INPUT;
    if (texts && !numbers.isEmpty()) {
      values = readNumbers();
      offset = refuseDecimalComma(offset);
    }
    long width = numbers.size();
    boolean gaps = numbers.stream().anyMatch(GraphForm.Numeric::isFilled);
    if (gaps) {
      graph
          .addInitializer(vector("surrogates", GraphForm.Numeric::surrogate, List.of(1L, width)))
          .addNode(node("IsNaN", "find_missing_values", "is_missing", values))
          .addNode(node("Where", "fill_gaps", "filled", "is_missing", "surrogates", values));
      values = "filled";
    }
    if (!numbers.isEmpty()) {
      graph
          // infinity - infinity is NaN too
          .addNode(node("Sub", "zero_where_finite", "zeros", values, values))
          .addNode(node("IsNaN", "find_unusable_values", "is_unusable", "zeros"));
      offset = refuse("null_NaN_or_infinite_values", "unusable", offset);
    }
    if (gaps) {
      graph
          .addInitializer(vector("indicators", GraphForm.Numeric::missing, List.of(width, 1L)))
          .addNode(cast("number_missing_values", "missing", "is_missing", DOUBLE))
          .addNode(node("Gemm", "add_indicators", "marked", "missing", "indicators", offset));
      offset = "marked";
    }
    for (int i = 0; i < form.terms().size(); i++) {
      if (form.terms().get(i) instanceof GraphForm.Category category) {
        offset = addLevel(category, i, offset);
      }
    }
    if (numbers.isEmpty()) {
      graph.addNode(node("Identity", "predict", OUTPUT, offset));
    } else {
      graph
          .addInitializer(
              vector("coefficients", GraphForm.Numeric::coefficient, List.of(width, 1L)))
          .addNode(node("Gemm", "predict", OUTPUT, values, "coefficients", offset));
    }
    return graph.build();
  }

  /** The columns of numbers, read from their texts. */
  private String readNumbers() {
    List<Long> columns = numbers.stream().map(term -> (long) form.terms().indexOf(term)).toList();
    graph
        .addInitializer(integers("number_columns", columns))
        .addNode(
            node("Gather", "choose_numbers", "number_texts", INPUT, "number_columns")
                .addAttribute(integer("axis", 1)))
        .addNode(cast("read_numbers", "numbers", "number_texts", DOUBLE));
    return "numbers";
  }

  /**
   * ONNX Runtime reads 1.5 as 1 where the decimal separator is a comma, so each row's numbers are
   * used only if 0.5 is read as such. The text depends on the rows, else it would be read when the
   * graph is loaded.
   */
  private String refuseDecimalComma(String offset) {
    graph
        .addInitializer(doubles("half", List.of(0.5), List.of(1L)))
        .addNode(
            mlNode("LabelEncoder", "write_a_half", "half_texts", "number_texts")
                .addAttribute(strings("keys_strings", List.of("0.5")))
                .addAttribute(strings("values_strings", List.of("0.5")))
                .addAttribute(text("default_string", "0.5")))
        .addNode(cast("read_a_half", "halves", "half_texts", DOUBLE))
        .addNode(node("Equal", "compare_with_a_half", "is_half", "halves", "half"))
        .addNode(node("Not", "find_commas", "is_comma", "is_half"));
    return refuse("a_locale_with_decimal_comma", "comma", offset);
  }

  /** Fails where any flag is set: the index is then beyond the table, which has one entry. */
  private String refuse(String what, String flag, String offset) {
    graph
        .addNode(cast("number_" + flag + "_values", flag + "_numbers", "is_" + flag, INT64))
        .addNode(
            node("ReduceSum", "count_" + flag + "_values", flag, flag + "_numbers")
                .addAttribute(integer("keepdims", 0)))
        // a runtime's message shows this node's name
        .addNode(node("Gather", "refuse_" + what, "offset_" + flag, offset, flag));
    return "offset_" + flag;
  }

  /** Adds the coefficient of each row's level. */
  private String addLevel(GraphForm.Category category, int column, String offset) {
    List<String> levels = List.copyOf(category.levels().keySet());
    List<Double> coefficients = new ArrayList<>(category.levels().values());
    category.other().ifPresent(coefficients::add);
    String id = "_" + column;
    graph
        .addInitializer(integers("column" + id, List.of((long) column)))
        .addInitializer(doubles("levels" + id, coefficients, List.of((long) coefficients.size())))
        .addNode(
            node("Gather", "choose_category" + id, "text" + id, INPUT, "column" + id)
                .addAttribute(integer("axis", 1)))
        .addNode(
            mlNode("LabelEncoder", "index_levels" + id, "index" + id, "text" + id)
                .addAttribute(strings("keys_strings", levels))
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("values_int64s")
                        .setType(AttributeProto.AttributeType.INTS)
                        .addAllInts(LongStream.range(0, levels.size()).boxed().toList()))
                .addAttribute(integer("default_int64", levels.size())))
        .addNode(
            node(
                "Gather",
                category.other().isPresent()
                    ? "look_up_level" + id
                    : "refuse_unknown_level_of_" + category.input(),
                "level" + id,
                "levels" + id,
                "index" + id))
        .addNode(node("Add", "add_level" + id, "offset" + id, offset, "level" + id));
    return "offset" + id;
  }

  /** One value for each number. */
  private TensorProto.Builder vector(
      String name, ToDoubleFunction<GraphForm.Numeric> value, List<Long> shape) {
    return doubles(name, numbers.stream().mapToDouble(value).boxed().toList(), shape);
  }

  private static NodeProto.Builder mlNode(
      String operator, String name, String output, String input) {
    return node(operator, name, output, input).setDomain(ML);
  }

  private static NodeProto.Builder cast(
      String name, String output, String input, TensorProto.DataType type) {
    return node("Cast", name, output, input).addAttribute(integer("to", type.getNumber()));
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

  private static AttributeProto.Builder text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value));
  }

  private static AttributeProto.Builder strings(String name, List<String> values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRINGS)
        .addAllStrings(values.stream().map(ByteString::copyFromUtf8).toList());
  }

  private static TensorProto.Builder integers(String name, List<Long> values) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(INT64.getNumber())
        .addDims(values.size())
        .addAllInt64Data(values);
  }

  private static TensorProto.Builder doubles(String name, List<Double> values, List<Long> shape) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(DOUBLE.getNumber())
        .addAllDims(shape)
        .addAllDoubleData(values);
  }

  private static ValueInfoProto.Builder matrix(
      String name, TensorProto.DataType type, long columns) {
    TensorShapeProto.Builder shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("rows"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns));
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)));
  }
}
