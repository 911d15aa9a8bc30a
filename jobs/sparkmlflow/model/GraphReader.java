package sparkmlflow.model;

import static java.util.stream.IntStream.range;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
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

  private static final String INPUTS =
      "a graph is written for inputs that are required doubles, doubles with a surrogate for missing values, or strings that are encoded";

  /** How ONNX Runtime's Python writes a missing value of a text column. */
  private static final List<String> MISSING_TEXTS = List.of("None", "nan", "NaN", "<NA>", "NaT");

  /** What is known of a column of one number or text, or of one number of a vector. */
  private enum Source {
    TEXT,
    INDEX,
    LEVEL,
    VALUE,
    FILLED,
    MISSING
  }

  /**
   * @param level the index of the level for which the number is 1; 0 for other sources
   */
  private record Slot(String input, Source source, int level) {
    Slot(String input, Source source) {
      this(input, source, 0);
    }
  }

  /**
   * @param size how many indices there are: one more than labels if unknown levels are kept
   */
  private record Levels(List<String> labels, int size) {}

  /** Ends the reading of a pipeline that may not be linear. */
  private static final class UnknownForm extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownForm(String reason) {
      super(reason);
    }
  }

  private final ModelSignature signature;
  private final Map<String, List<Slot>> columns = new HashMap<>();
  private final Map<String, Levels> levels = new HashMap<>();
  private final Map<String, Double> surrogates = new HashMap<>();

  private GraphReader(ModelSignature signature) {
    this.signature = signature;
    for (ModelSignature.Column input : signature.inputs()) {
      if (input.type() == ColumnType.DOUBLE) {
        columns.put(input.name(), List.of(new Slot(input.name(), Source.VALUE)));
      } else if (input.type() == ColumnType.STRING) {
        columns.put(input.name(), List.of(new Slot(input.name(), Source.TEXT)));
      }
    }
  }

  /**
   * A pipeline is linear if it ends with a {@code LinearRegressionModel} on a vector that can be
   * followed back to the inputs. Reading the surrogates of an {@code ImputerModel} runs a small
   * Spark job.
   */
  static GraphForm read(PipelineModel pipeline, ModelSignature signature) {
    try {
      return new GraphReader(signature).linear(List.of(pipeline.stages()));
    } catch (UnknownForm e) {
      return new GraphForm.SparkOnly(String.valueOf(e.getMessage()));
    }
  }

  private GraphForm.Linear linear(List<Transformer> stages) {
    int last = stages.size() - 1;
    if (!stages.subList(0, last).stream().allMatch(this::isFollowed)
        || !(stages.get(last) instanceof LinearRegressionModel regression)
        || !regression.getPredictionCol().equals("prediction")) {
      throw new UnknownForm(
          "a graph is written for a VectorAssembler followed by a LinearRegressionModel, at most with indicators of missing values, an Imputer, StringIndexer, OneHotEncoder and VectorSlicer before it, not for "
              + stages.stream().map(stage -> stage.getClass().getSimpleName()).toList());
    }
    List<Slot> features = slots(regression.getFeaturesCol());
    Map<Slot, Double> coefficients = new HashMap<>();
    for (int i = 0; i < features.size(); i++) {
      coefficients.put(features.get(i), regression.coefficients().apply(i));
    }
    boolean once = coefficients.size() == features.size();
    List<GraphForm.Term> terms =
        signature.inputs().stream().flatMap(input -> term(input, coefficients)).toList();
    if (!once || !coefficients.isEmpty() || terms.size() < signature.inputs().size()) {
      throw new UnknownForm(
          INPUTS
              + ", each used once; the signature has %s and the regression takes %s"
                  .formatted(
                      signature.inputNames(),
                      features.stream().map(Slot::input).distinct().toList()));
    }
    return new GraphForm.Linear(terms, regression.intercept());
  }

  /** Takes what the input adds out of the coefficients; empty if it is not used in a known way. */
  private Stream<GraphForm.Term> term(
      ModelSignature.Column column, Map<Slot, Double> coefficients) {
    String input = column.name();
    Levels known = levels.get(input);
    if (known != null) {
      // what the encoder or slicer drops adds nothing
      Map<String, Double> added = new LinkedHashMap<>();
      for (int i = 0; i < known.labels().size(); i++) {
        added.put(known.labels().get(i), taken(new Slot(input, Source.LEVEL, i), coefficients));
      }
      return Stream.of(
          new GraphForm.Category(
              input,
              added,
              known.size() > added.size()
                  ? OptionalDouble.of(
                      taken(new Slot(input, Source.LEVEL, added.size()), coefficients))
                  : OptionalDouble.empty()));
    }
    Double surrogate = surrogates.get(input);
    Slot number = new Slot(input, surrogate == null ? Source.VALUE : Source.FILLED);
    if (!coefficients.containsKey(number)
        || (surrogate == null && column.presence() == ModelSignature.Presence.OPTIONAL)) {
      return Stream.empty();
    }
    double coefficient = taken(number, coefficients);
    return Stream.of(
        surrogate == null
            ? new GraphForm.Numeric(input, coefficient, Double.NaN, 0.0)
            : new GraphForm.Numeric(
                input,
                coefficient,
                surrogate,
                taken(new Slot(input, Source.MISSING), coefficients)));
  }

  private static double taken(Slot slot, Map<Slot, Double> coefficients) {
    Double coefficient = coefficients.remove(slot);
    return coefficient == null ? 0.0 : coefficient;
  }

  private boolean isFollowed(Transformer stage) {
    if (stage instanceof SQLTransformer sql) {
      follow(sql);
    } else if (stage instanceof ImputerModel imputer) {
      follow(imputer);
    } else if (stage instanceof StringIndexerModel indexer) {
      follow(indexer);
    } else if (stage instanceof OneHotEncoderModel encoder) {
      follow(encoder);
    } else if (stage instanceof VectorAssembler assembler) {
      requireHandling("VectorAssembler", assembler.getHandleInvalid(), "error");
      columns.put(
          assembler.getOutputCol(),
          Arrays.stream(assembler.getInputCols()).flatMap(name -> slots(name).stream()).toList());
    } else if (stage instanceof VectorSlicer slicer && slicer.getNames().length == 0) {
      List<Slot> all = slots(slicer.getInputCol());
      columns.put(
          slicer.getOutputCol(), Arrays.stream(slicer.getIndices()).mapToObj(all::get).toList());
    } else {
      return false;
    }
    return true;
  }

  private void follow(SQLTransformer sql) {
    List<String> found = new ArrayList<>();
    Matcher matcher = INDICATOR.matcher(sql.getStatement());
    while (matcher.find()) {
      found.add(matcher.group());
      String input = input(matcher.group(1).replace("``", "`"), Source.VALUE);
      columns.put(matcher.group(2).replace("``", "`"), List.of(new Slot(input, Source.MISSING)));
    }
    if (!sql.getStatement().equals("SELECT *, " + String.join(", ", found) + " FROM __THIS__")) {
      throw new UnknownForm(
          "a graph is written for SQL that adds indicators of missing values, not for "
              + sql.getStatement());
    }
  }

  private void follow(ImputerModel imputer) {
    if (!Double.isNaN(imputer.getMissingValue())) {
      throw new UnknownForm(
          "a graph fills null and NaN, and the Imputer's missingValue is "
              + imputer.getMissingValue());
    }
    Row filled = imputer.surrogateDF().head();
    List<String> in = names(imputer, imputer.inputCols(), imputer.inputCol());
    List<String> out = names(imputer, imputer.outputCols(), imputer.outputCol());
    for (int i = 0; i < in.size(); i++) {
      String input = input(in.get(i), Source.VALUE);
      surrogates.put(input, filled.<Double>getAs(input));
      columns.put(out.get(i), List.of(new Slot(input, Source.FILLED)));
    }
  }

  private void follow(StringIndexerModel indexer) {
    requireHandling("StringIndexer", indexer.getHandleInvalid(), "error", "keep");
    int kept = indexer.getHandleInvalid().equals("keep") ? 1 : 0;
    List<String> in = names(indexer, indexer.inputCols(), indexer.inputCol());
    List<String> out = names(indexer, indexer.outputCols(), indexer.outputCol());
    for (int i = 0; i < in.size(); i++) {
      String input = input(in.get(i), Source.TEXT);
      List<String> labels = List.of(indexer.labelsArray()[i]);
      if (labels.isEmpty() || labels.stream().anyMatch(MISSING_TEXTS::contains)) {
        throw new UnknownForm(
            "a graph needs levels other than %s, which ONNX Runtime's Python writes for a missing value; those of \"%s\" are %s"
                .formatted(MISSING_TEXTS, input, labels));
      }
      levels.put(input, new Levels(labels, labels.size() + kept));
      columns.put(out.get(i), List.of(new Slot(input, Source.INDEX)));
    }
  }

  private void follow(OneHotEncoderModel encoder) {
    requireHandling("OneHotEncoder", encoder.getHandleInvalid(), "error");
    List<String> in = names(encoder, encoder.inputCols(), encoder.inputCol());
    List<String> out = names(encoder, encoder.outputCols(), encoder.outputCol());
    for (int i = 0; i < in.size(); i++) {
      String input = input(in.get(i), Source.INDEX);
      // Spark refuses an encoder whose categories are not the indexer's
      int size = encoder.categorySizes()[i] - (encoder.getDropLast() ? 1 : 0);
      columns.put(
          out.get(i),
          range(0, size).mapToObj(level -> new Slot(input, Source.LEVEL, level)).toList());
    }
  }

  private static void requireHandling(String stage, String handling, String... known) {
    if (!List.of(known).contains(handling)) {
      throw new UnknownForm(
          "a graph refuses missing values and unknown levels or has a coefficient for them, and the %s's handleInvalid is %s"
              .formatted(stage, handling));
    }
  }

  /** The columns of a stage that takes one or several. */
  private static List<String> names(
      Transformer stage, StringArrayParam several, Param<String> one) {
    return stage.isSet(several)
        ? List.of(stage.getOrDefault(several))
        : List.of(stage.getOrDefault(one));
  }

  private String input(String column, Source source) {
    List<Slot> slots = slots(column);
    if (slots.size() != 1 || slots.get(0).source() != source) {
      throw unknown(column);
    }
    return slots.get(0).input();
  }

  private List<Slot> slots(String column) {
    List<Slot> slots = columns.get(column);
    if (slots == null) {
      throw unknown(column);
    }
    return slots;
  }

  private static UnknownForm unknown(String column) {
    return new UnknownForm(INPUTS + "; the pipeline also takes \"" + column + "\"");
  }
}
