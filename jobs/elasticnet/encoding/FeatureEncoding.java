package elasticnet.encoding;

import static org.apache.spark.ml.functions.vector_to_array;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import elasticnet.LearningException;
import elasticnet.encoding.Feature.Category;
import elasticnet.encoding.Feature.Gap;
import elasticnet.split.Columns;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The columns of a model, made from the table's columns by MLlib's own stages. Statistics, fit and
 * serving all read what these stages make.
 *
 * <p>A model of plain numbers has the stage {@code VectorAssembler} only, and its columns are the
 * table's own. Otherwise the stages are, each if it is needed: {@code SQLTransformer} (indicators
 * of gaps), {@code ImputerModel}, {@code StringIndexerModel} (one for categories whose unknown
 * levels are errors, one for the others), {@code OneHotEncoderModel}, {@code VectorAssembler} and
 * {@code VectorSlicer}, which leaves out base levels.
 */
public final class FeatureEncoding {

  /** The vector of the model's columns, which the last stage makes. */
  public static final String FEATURES = "features";

  private static final String ASSEMBLED = "_assembled";
  private static final String MISSING = "_missing_";
  private static final String FILLED = "_filled_";
  private static final String INDEX = "_index_";
  private static final String LEVELS = "_levels_";

  private final List<Feature> features;
  private final List<String> names;
  private final PipelineModel pipeline;

  private FeatureEncoding(List<Feature> features, List<Transformer> filling) {
    this.features = List.copyOf(features);
    this.names = features.stream().flatMap(one -> one.modelColumns().stream()).toList();
    requireDifferent(names, "The model");
    if (names.isEmpty()) {
      throw new LearningException(
          "The features %s give the model no column, because each has one level only; add a feature or levels"
              .formatted(inputs()),
          null);
    }
    List<Transformer> stages = new ArrayList<>(filling);
    stages.addAll(indexers());
    stages.addAll(assemblers());
    if (!isPlain()) {
      Stream<String> made =
          Stream.of("", MISSING, FILLED, INDEX, LEVELS)
              .flatMap(prefix -> Arrays.stream(named(prefix, features)));
      requireDifferent(
          Stream.concat(made, Stream.of(ASSEMBLED, FEATURES)).toList(), "The pipeline");
    }
    this.pipeline =
        new PipelineModel(Identifiable.randomUID("pipeline"), stages.toArray(Transformer[]::new));
  }

  /** Columns that the model takes as they are, at least one. */
  public static FeatureEncoding ofNumbers(List<String> names) {
    return new FeatureEncoding(
        names.stream().<Feature>map(Feature.Numeric::new).toList(), List.of());
  }

  /**
   * The encoding of these features, at least one.
   *
   * @param train read once if a gap is to be filled with its mean, as MLlib's {@code Imputer}
   *     would. Every row with a value counts once
   * @throws LearningException if such a column has no value, two columns would have the same name,
   *     or the model would have none
   */
  public static FeatureEncoding of(List<Feature> features, Dataset<Row> train) {
    List<Gap> gaps = only(Gap.class, features);
    List<Transformer> filling = new ArrayList<>();
    String indicators =
        gaps.stream()
            .filter(gap -> gap.indicator() == Gap.Indicator.ADDED)
            .map(
                gap ->
                    ", CAST(isnull(%1$s) OR isnan(%1$s) AS DOUBLE) AS %2$s"
                        .formatted(
                            Columns.quoted(gap.name()), Columns.quoted(MISSING + gap.name())))
            .collect(Collectors.joining());
    if (!indicators.isEmpty()) {
      filling.add(new SQLTransformer().setStatement("SELECT *" + indicators + " FROM __THIS__"));
    }
    if (!gaps.isEmpty()) {
      filling.add(imputer(gaps, train));
    }
    return new FeatureEncoding(features, filling);
  }

  /** The names of the model's columns, in the order of the features and of their levels. */
  public List<String> names() {
    return names;
  }

  /** The names of the table's columns that the model reads, in the order of the features. */
  public List<String> inputs() {
    return features.stream().map(Feature::name).toList();
  }

  /** The stages before the regression; they add the vector {@link #FEATURES}. */
  public PipelineModel pipeline() {
    return pipeline;
  }

  /** The rows with what {@link #columns} needs. Nothing is read before an action. */
  public Dataset<Row> encode(Dataset<Row> rows) {
    return isPlain() ? rows : pipeline.transform(rows);
  }

  /** For each of the model's columns, a number in rows that are encoded. */
  public Map<String, Column> columns() {
    Column vector = vector_to_array(col(FEATURES), "float64");
    Map<String, Column> columns = new LinkedHashMap<>();
    for (String name : names) {
      columns.put(name, isPlain() ? col(Columns.quoted(name)) : vector.getItem(columns.size()));
    }
    return columns;
  }

  /**
   * Calls what reads encoded rows. If a value cannot be encoded, Spark's exception does not name
   * its column; this one does.
   *
   * @param rows the rows that are encoded, which are read once more in this case
   * @throws LearningException if a category has an unknown level that is an error, or a number is
   *     null or NaN
   */
  public <T> T explaining(Dataset<Row> rows, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (Exception e) {
      // MLlib names its parameter for such values; only these failures are worth another job
      if (Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause)
          .anyMatch(cause -> String.valueOf(cause.getMessage()).contains("handleInvalid"))) {
        Optional<String> refused =
            features.stream().flatMap(feature -> refused(feature, rows).stream()).findFirst();
        if (refused.isPresent()) {
          throw new LearningException(refused.get(), e);
        }
      }
      throw e;
    }
  }

  private static Optional<String> refused(Feature feature, Dataset<Row> rows) {
    boolean number = feature instanceof Feature.Numeric;
    List<String> levels =
        feature instanceof Category category && isStrict(category) ? category.levels() : List.of();
    if (!number && levels.isEmpty()) {
      return Optional.empty();
    }
    Column value = col(Columns.quoted(feature.name()));
    return rows
        .where(value.isNull().or(number ? isnan(value) : not(value.isInCollection(levels))))
        .select(value)
        .takeAsList(1)
        .stream()
        .map(
            row ->
                "The column \"%s\" %s"
                    .formatted(
                        feature.name(),
                        number
                            ? "is null or NaN in at least one train row; remove such rows before the fit, or have the gaps filled"
                            : "has the unknown level \"%s\" in at least one train row (levels: %s); remove such rows before the fit, or let unknown levels count as other or as the base level"
                                .formatted(row.get(0), levels)))
        .findFirst();
  }

  private boolean isPlain() {
    return features.stream().allMatch(Feature.Numeric.class::isInstance);
  }

  private static boolean isStrict(Category category) {
    return category.unknown() == Category.Unknown.QUARANTINE;
  }

  private static <T extends Feature> List<T> only(Class<T> kind, List<Feature> features) {
    return features.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private static String[] named(String prefix, Collection<? extends Feature> features) {
    return features.stream().map(feature -> prefix + feature.name()).toArray(String[]::new);
  }

  private static ImputerModel imputer(List<Gap> gaps, Dataset<Row> train) {
    boolean byMean = gaps.stream().anyMatch(gap -> gap.fill() == Gap.Fill.MEAN);
    Column[] fills = gaps.stream().map(FeatureEncoding::fill).toArray(Column[]::new);
    Dataset<Row> filling =
        (byMean ? train : train.limit(0)).agg(fills[0], Arrays.copyOfRange(fills, 1, fills.length));
    Row found = filling.head();
    for (int i = 0; i < fills.length; i++) {
      if (found.isNullAt(i)) {
        throw new LearningException(
            "The column \"%s\" has no value in the train rows, so its gaps have no mean; leave it out or fill it with zero"
                .formatted(gaps.get(i).name()),
            null);
      }
    }
    return imputer(train.sparkSession().createDataFrame(List.of(found), filling.schema()))
        .setInputCols(named("", gaps))
        .setOutputCols(named(FILLED, gaps));
  }

  /** Spark 4.1 has another constructor than Spark 4.0; the jar runs on both. */
  static ImputerModel imputer(Dataset<Row> surrogates) {
    String uid = Identifiable.randomUID("imputer");
    try {
      for (Constructor<?> constructor : ImputerModel.class.getConstructors()) {
        Class<?>[] takes = constructor.getParameterTypes();
        if (takes.length == 2 && takes[1] == Dataset.class) {
          return (ImputerModel) constructor.newInstance(uid, surrogates);
        }
        if (takes.length == 3 && takes[2] == double[].class) {
          Row values = surrogates.head();
          double[] fills =
              IntStream.range(0, values.size()).mapToDouble(values::getDouble).toArray();
          return (ImputerModel) constructor.newInstance(uid, surrogates.columns(), fills);
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("MLlib's ImputerModel could not be made", e);
    }
    throw new LinkageError(
        "MLlib's ImputerModel has the constructors of neither Spark 4.0 nor 4.1");
  }

  /** The value that fills a gap; MLlib's {@code Imputer} cannot mix means and zeros. */
  private static Column fill(Gap gap) {
    Column value = col(Columns.quoted(gap.name()));
    Column fill = gap.fill() == Gap.Fill.MEAN ? avg(when(not(isnan(value)), value)) : lit(0.0);
    return fill.as(gap.name());
  }

  private List<Transformer> indexers() {
    List<Category> all = only(Category.class, features);
    List<Transformer> stages = new ArrayList<>();
    all.stream()
        .collect(
            Collectors.groupingBy(
                category -> isStrict(category) ? "error" : "keep",
                TreeMap::new,
                Collectors.toList()))
        .forEach(
            (handling, categories) ->
                stages.add(
                    new StringIndexerModel(
                            categories.stream()
                                .map(category -> category.levels().toArray(String[]::new))
                                .toArray(String[][]::new))
                        .setInputCols(named("", categories))
                        .setOutputCols(named(INDEX, categories))
                        .setHandleInvalid(handling)));
    if (!all.isEmpty()) {
      stages.add(
          new OneHotEncoderModel(
                  Identifiable.randomUID("oneHotEncoder"),
                  all.stream().mapToInt(FeatureEncoding::slots).toArray())
              .setInputCols(named(INDEX, all))
              .setOutputCols(named(LEVELS, all))
              .setDropLast(false)
              .setHandleInvalid("error"));
    }
    return stages;
  }

  /** One for each level; MLlib's index has one more for unknown levels unless they are errors. */
  private static int slots(Category category) {
    return category.levels().size() + (isStrict(category) ? 0 : 1);
  }

  private List<Transformer> assemblers() {
    List<String> inputs = new ArrayList<>();
    IntStream.Builder kept = IntStream.builder();
    int slot = 0;
    for (Feature feature : features) {
      int made = feature.modelColumns().size();
      int base = feature instanceof Category ? 1 : 0;
      IntStream.range(slot + base, slot + base + made).forEach(kept);
      slot += feature instanceof Category category ? slots(category) : made;
      String prefix = base == 1 ? LEVELS : feature instanceof Gap ? FILLED : "";
      inputs.add(prefix + feature.name());
      if (feature instanceof Gap && made == 2) {
        inputs.add(MISSING + feature.name());
      }
    }
    boolean sliced = features.stream().anyMatch(Category.class::isInstance);
    VectorAssembler assembler =
        new VectorAssembler()
            .setInputCols(inputs.toArray(String[]::new))
            .setOutputCol(sliced ? ASSEMBLED : FEATURES)
            .setHandleInvalid("error");
    VectorSlicer slicer =
        new VectorSlicer()
            .setInputCol(ASSEMBLED)
            .setOutputCol(FEATURES)
            .setIndices(kept.build().toArray());
    return sliced ? List.of(assembler, slicer) : List.of(assembler);
  }

  private static void requireDifferent(List<String> names, String what) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new LearningException(
            "%s would have two columns named \"%s\"; rename a column or a level of the data"
                .formatted(what, name),
            null);
      }
    }
  }
}
