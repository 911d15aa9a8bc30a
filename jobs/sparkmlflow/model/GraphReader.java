package sparkmlflow.model;

import static java.util.stream.IntStream.range;
import static java.util.stream.IntStream.rangeClosed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Row;

/**
 * Follows each number of a regression's vector through the pipeline back to the input that it comes
 * from.
 *
 * <p>It knows {@code VectorAssembler}, {@code VectorSlicer} (by indices), {@code ImputerModel} (of
 * null and NaN), {@code StringIndexerModel} ({@code handleInvalid} error or keep), {@code
 * OneHotEncoderModel} ({@code handleInvalid} error) and a {@code SQLTransformer} that adds
 * indicators of missing values, in exactly this form:
 *
 * <pre>{@code
 * SELECT *, CAST(isnull(`a`) OR isnan(`a`) AS DOUBLE) AS `b`, ... FROM __THIS__
 * }</pre>
 */
final class GraphReader {

  private static final Pattern INDICATOR =
      Pattern.compile(
          "CAST\\(isnull\\(`((?:[^`]|``)+)`\\) OR isnan\\(`\\1`\\) AS DOUBLE\\) AS `((?:[^`]|``)+)`");

  /** How ONNX Runtime's Python writes a missing value of a text column. */
  private static final Set<String> MISSING_TEXTS = Set.of("None", "nan", "NaN", "<NA>", "NaT");

  private enum Source {
    VALUE,
    FILLED,
    MISSING,
    LEVEL
  }

  /**
   * One number of a vector.
   *
   * @param level the index of a level, which the number is 1 for; 0 for other sources
   */
  private record Slot(String input, Source source, int level) {
    static Slot of(String input, Source source) {
      return new Slot(input, source, 0);
    }
  }

  /**
   * @param size how many indices there are: one more than levels if unknown ones are kept
   */
  private record Levels(String input, List<String> labels, int size) {}

  /** Ends the reading of a pipeline that is not surely linear. */
  private static final class UnknownForm extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownForm(String reason) {
      super(reason);
    }
  }

  private final ModelSignature signature;
  private final Map<String, List<Slot>> columns = new HashMap<>();
  private final Map<String, Levels> indices = new HashMap<>();
  private final Map<String, Levels> categories = new HashMap<>();
  private final Map<String, Double> surrogates = new HashMap<>();

  private GraphReader(ModelSignature signature) {
    this.signature = signature;
    for (ModelSignature.Column input : signature.inputs()) {
      if (input.type() == ColumnType.DOUBLE) {
        columns.put(input.name(), List.of(Slot.of(input.name(), Source.VALUE)));
      }
    }
  }

  static GraphForm read(PipelineModel pipeline, ModelSignature signature) {
    try {
      return new GraphReader(signature).linear(pipeline.stages());
    } catch (UnknownForm e) {
      return new GraphForm.SparkOnly(String.valueOf(e.getMessage()));
    }
  }

  private GraphForm.Linear linear(Transformer[] stages) {
    if (!(stages[stages.length - 1] instanceof LinearRegressionModel regression
        && regression.getPredictionCol().equals("prediction"))) {
      throw otherStages(stages);
    }
    for (Transformer stage : Arrays.asList(stages).subList(0, stages.length - 1)) {
      if (stage instanceof SQLTransformer sql) {
        follow(sql);
      } else if (stage instanceof ImputerModel imputer) {
        follow(imputer);
      } else if (stage instanceof StringIndexerModel indexer) {
        follow(indexer);
      } else if (stage instanceof OneHotEncoderModel encoder) {
        follow(encoder);
      } else if (stage instanceof VectorAssembler assembler) {
        follow(assembler);
      } else if (stage instanceof VectorSlicer slicer) {
        follow(slicer);
      } else {
        throw otherStages(stages);
      }
    }
    List<Slot> features = slots(regression.getFeaturesCol());
    Map<Slot, Double> coefficients = new HashMap<>();
    for (int i = 0; i < features.size(); i++) {
      coefficients.put(features.get(i), regression.coefficients().apply(i));
    }
    List<GraphForm.Term> terms =
        signature.inputs().stream().flatMap(input -> term(input, coefficients)).toList();
    if (terms.size() < signature.inputs().size()
        || coefficients.size() < features.size()
        || features.stream().anyMatch(slot -> !isTerm(slot, terms))) {
      throw new UnknownForm(
          "a graph is written for inputs that are required doubles, doubles with a surrogate for missing values, or strings that are encoded, each used once; the signature has %s and the regression takes %s"
              .formatted(
                  signature.inputNames(), features.stream().map(Slot::input).distinct().toList()));
    }
    return new GraphForm.Linear(terms, regression.intercept());
  }

  private static UnknownForm otherStages(Transformer[] stages) {
    return new UnknownForm(
        "a graph is written for a VectorAssembler followed by a LinearRegressionModel, at most with indicators of missing values, an Imputer, StringIndexer, OneHotEncoder and VectorSlicer before it, not for %s"
            .formatted(
                Arrays.stream(stages).map(stage -> stage.getClass().getSimpleName()).toList()));
  }

  /** Empty if the input is not used in a known way. */
  private Stream<GraphForm.Term> term(
      ModelSignature.Column column, Map<Slot, Double> coefficients) {
    String input = column.name();
    Double value = coefficients.get(Slot.of(input, Source.VALUE));
    Double filled = coefficients.get(Slot.of(input, Source.FILLED));
    Levels levels = categories.get(input);
    if (value != null && column.presence() == ModelSignature.Presence.REQUIRED) {
      return Stream.of(new GraphForm.Value(input, value));
    }
    if (filled != null) {
      double missing = coefficients.getOrDefault(Slot.of(input, Source.MISSING), 0.0);
      return Stream.of(
          new GraphForm.Gap(input, filled, Objects.requireNonNull(surrogates.get(input)), missing));
    }
    if (levels == null) {
      return Stream.empty();
    }
    // what the encoder or slicer drops adds nothing
    List<Double> added =
        rangeClosed(0, levels.labels().size())
            .mapToObj(i -> coefficients.getOrDefault(new Slot(input, Source.LEVEL, i), 0.0))
            .toList();
    Map<String, Double> ofLevel = new LinkedHashMap<>();
    for (int i = 0; i < levels.labels().size(); i++) {
      ofLevel.put(levels.labels().get(i), added.get(i));
    }
    return Stream.of(
        new GraphForm.Category(
            input,
            ofLevel,
            levels.size() > ofLevel.size()
                ? OptionalDouble.of(added.get(ofLevel.size()))
                : OptionalDouble.empty()));
  }

  /** Whether a term accounts for the number: an input is not used both filled and as it is. */
  private static boolean isTerm(Slot slot, List<GraphForm.Term> terms) {
    return terms.stream()
        .filter(term -> term.input().equals(slot.input()))
        .anyMatch(
            term ->
                switch (slot.source()) {
                  case VALUE -> term instanceof GraphForm.Value;
                  case FILLED, MISSING -> term instanceof GraphForm.Gap;
                  case LEVEL -> term instanceof GraphForm.Category;
                });
  }

  private void follow(SQLTransformer sql) {
    List<String> found = new ArrayList<>();
    Matcher matcher = INDICATOR.matcher(sql.getStatement());
    while (matcher.find()) {
      found.add(matcher.group());
      String input = value(matcher.group(1).replace("``", "`"));
      add(matcher.group(2).replace("``", "`"), List.of(Slot.of(input, Source.MISSING)));
    }
    if (!sql.getStatement().equals("SELECT *, " + String.join(", ", found) + " FROM __THIS__")) {
      throw new UnknownForm(
          "a graph is written for SQL that adds indicators of missing values, not for %s"
              .formatted(sql.getStatement()));
    }
  }

  private void follow(ImputerModel imputer) {
    if (!Double.isNaN(imputer.getMissingValue())) {
      throw new UnknownForm(
          "a graph fills null and NaN, and the Imputer's missingValue is %s"
              .formatted(imputer.getMissingValue()));
    }
    Row filled = imputer.surrogateDF().head();
    List<String> in = names(imputer, imputer.inputCols(), imputer.inputCol());
    List<String> out = names(imputer, imputer.outputCols(), imputer.outputCol());
    for (int i = 0; i < in.size(); i++) {
      String input = value(in.get(i));
      surrogates.put(input, filled.<Double>getAs(in.get(i)));
      add(out.get(i), List.of(Slot.of(input, Source.FILLED)));
    }
  }

  private void follow(StringIndexerModel indexer) {
    if (indexer.getHandleInvalid().equals("skip")) {
      throw new UnknownForm(
          "a graph predicts every row or fails, and the StringIndexer's handleInvalid is skip");
    }
    int kept = indexer.getHandleInvalid().equals("keep") ? 1 : 0;
    List<String> in = names(indexer, indexer.inputCols(), indexer.inputCol());
    List<String> out = names(indexer, indexer.outputCols(), indexer.outputCol());
    for (int i = 0; i < in.size(); i++) {
      String input = in.get(i);
      List<String> labels = List.of(indexer.labelsArray()[i]);
      if (!signature.inputs().stream()
          .anyMatch(column -> column.name().equals(input) && column.type() == ColumnType.STRING)) {
        throw new UnknownForm(
            "a graph encodes inputs that are strings, and the StringIndexer takes \"%s\""
                .formatted(input));
      }
      if (labels.isEmpty() || labels.stream().distinct().count() < labels.size()) {
        throw new UnknownForm("the levels of \"%s\" are %s".formatted(input, labels));
      }
      for (String label : labels) {
        if (MISSING_TEXTS.contains(label)) {
          throw new UnknownForm(
              "\"%s\" has the level \"%s\", and Python gives ONNX Runtime that text for a missing value; rename the level"
                  .formatted(input, label));
        }
      }
      indices.put(out.get(i), new Levels(input, labels, labels.size() + kept));
    }
  }

  private void follow(OneHotEncoderModel encoder) {
    List<String> in = names(encoder, encoder.inputCols(), encoder.inputCol());
    List<String> out = names(encoder, encoder.outputCols(), encoder.outputCol());
    for (int i = 0; i < in.size(); i++) {
      Levels levels = indices.get(in.get(i));
      int size = encoder.categorySizes()[i];
      if (levels == null || size < levels.size() || !encoder.getHandleInvalid().equals("error")) {
        throw new UnknownForm(
            "a graph encodes the indices of a StringIndexer, all of them and with handleInvalid = error, and the OneHotEncoder takes \"%s\" with %s categories and handleInvalid = %s"
                .formatted(in.get(i), size, encoder.getHandleInvalid()));
      }
      categories.put(levels.input(), levels);
      add(
          out.get(i),
          range(0, encoder.getDropLast() ? size - 1 : size)
              .mapToObj(level -> new Slot(levels.input(), Source.LEVEL, level))
              .toList());
    }
  }

  private void follow(VectorAssembler assembler) {
    if (!assembler.getHandleInvalid().equals("error")) {
      throw new UnknownForm(
          "a graph refuses missing values, and the VectorAssembler's handleInvalid is %s"
              .formatted(assembler.getHandleInvalid()));
    }
    add(
        assembler.getOutputCol(),
        Arrays.stream(assembler.getInputCols()).flatMap(name -> slots(name).stream()).toList());
  }

  private void follow(VectorSlicer slicer) {
    List<Slot> all = slots(slicer.getInputCol());
    if (slicer.getNames().length > 0) {
      throw new UnknownForm("a graph is written for a VectorSlicer with indices, not with names");
    }
    add(slicer.getOutputCol(), Arrays.stream(slicer.getIndices()).mapToObj(all::get).toList());
  }

  /** The columns of a stage that takes one or several. */
  private static List<String> names(
      Transformer stage, StringArrayParam several, Param<String> one) {
    return stage.isSet(several)
        ? List.of(stage.getOrDefault(several))
        : List.of(stage.getOrDefault(one));
  }

  /** An input that is a double, as it is. */
  private String value(String column) {
    if (!slots(column).equals(List.of(Slot.of(column, Source.VALUE)))) {
      throw new UnknownForm(
          "a graph fills and marks missing values of inputs only, not of \"%s\"".formatted(column));
    }
    return column;
  }

  private List<Slot> slots(String column) {
    List<Slot> slots = columns.get(column);
    if (slots == null) {
      throw new UnknownForm(
          "a graph is written for inputs that are required doubles, doubles with a surrogate for missing values, or strings that are encoded, and the pipeline takes \"%s\""
              .formatted(column));
    }
    return slots;
  }

  private void add(String column, List<Slot> slots) {
    if (columns.put(column, slots) != null) {
      throw new UnknownForm("the pipeline makes the column \"%s\" twice".formatted(column));
    }
  }
}
