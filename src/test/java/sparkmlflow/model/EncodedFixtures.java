package sparkmlflow.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.Imputer;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import sparkmlflow.model.ModelSignature.Column;
import testing.PredictionBound;
import testing.SparkTest;

/**
 * A pipeline with every kind of column, its stages as the job makes them: a number, a gap with an
 * indicator, a gap without, and categories that refuse unknown levels, treat them as the base level
 * and give them a coefficient.
 *
 * <pre>
 * prediction = 0.1 + 0.3·`Größe (cm)` + 0.7·bmi + 1.1·[bmi missing] - 0.9·age
 *            + cut: Fair 0, sehr "gut" 1.3, Süß 1.7
 *            + island: Biscoe 0, Dream -2.3
 *            + colour: rot 0, grün 2.9, any other 3.1
 * </pre>
 *
 * A missing bmi is 21.5, a missing age 0.
 */
final class EncodedFixtures {

  static final List<String> CUTS = List.of("Fair", "sehr \"gut\"", "Süß");
  static final List<String> ISLANDS = List.of("Biscoe", "Dream");
  static final List<String> COLOURS = List.of("rot", "grün");

  static final ModelSignature SIGNATURE =
      ModelSignature.ofRegressionOn(
          List.of(
              Column.required("Größe (cm)", ColumnType.DOUBLE),
              Column.required("cut", ColumnType.STRING),
              Column.optional("bmi", ColumnType.DOUBLE),
              Column.optional("island", ColumnType.STRING),
              Column.optional("age", ColumnType.DOUBLE),
              Column.optional("colour", ColumnType.STRING)));

  static final String INDICATOR =
      "SELECT *, CAST(isnull(`bmi`) OR isnan(`bmi`) AS DOUBLE) AS `_missing_bmi` FROM __THIS__";

  /** Nullable, as tables are. */
  static final StructType SCHEMA =
      SIGNATURE.inputs().stream()
          .reduce(
              new StructType(),
              (schema, column) -> schema.add(column.name(), column.type().sparkType()),
              (one, other) -> one);

  private EncodedFixtures() {}

  static FittedModel model() {
    return FittedModel.of(
        pipeline(stages()),
        SIGNATURE,
        new InputExample(
            SIGNATURE.inputNames(), List.of(List.of(1.5, "Fair", 20.0, "Dream", 30.0, "rot"))));
  }

  static PipelineModel pipeline(List<Transformer> stages) {
    return new PipelineModel("encoded", stages.toArray(Transformer[]::new));
  }

  /** A list that may be changed. */
  static List<Transformer> stages() {
    return new ArrayList<>(
        List.of(
            new SQLTransformer().setStatement(INDICATOR),
            imputer(),
            indexer("error", List.of("cut"), List.of(CUTS)),
            indexer("keep", List.of("island", "colour"), List.of(ISLANDS, COLOURS)),
            new OneHotEncoderModel("encoder", new int[] {3, 3, 3})
                .setInputCols(array("_index_cut", "_index_island", "_index_colour"))
                .setOutputCols(array("_levels_cut", "_levels_island", "_levels_colour"))
                .setDropLast(false),
            new VectorAssembler()
                .setInputCols(
                    array(
                        "Größe (cm)",
                        "_levels_cut",
                        "_filled_bmi",
                        "_missing_bmi",
                        "_levels_island",
                        "_filled_age",
                        "_levels_colour"))
                .setOutputCol("_assembled"),
            // without the base levels (1, 6, 10) and the unknown ones of island (8)
            new VectorSlicer()
                .setInputCol("_assembled")
                .setOutputCol("features")
                .setIndices(new int[] {0, 2, 3, 4, 5, 7, 9, 11, 12}),
            regression(0.3, 1.3, 1.7, 0.7, 1.1, -2.3, -0.9, 2.9, 3.1)));
  }

  static ImputerModel imputer() {
    StructType schema =
        new StructType().add("bmi", DataTypes.DoubleType).add("age", DataTypes.DoubleType);
    return new Imputer("imputer")
        .setInputCols(array("bmi", "age"))
        .setOutputCols(array("_filled_bmi", "_filled_age"))
        .fit(SparkTest.session().createDataFrame(List.of(RowFactory.create(21.5, 0.0)), schema));
  }

  static StringIndexerModel indexer(
      String handleInvalid, List<String> columns, List<List<String>> levels) {
    StringIndexerModel indexer =
        new StringIndexerModel(
            "indexer_" + handleInvalid,
            levels.stream().map(some -> some.toArray(String[]::new)).toArray(String[][]::new));
    return indexer
        .setHandleInvalid(handleInvalid)
        .setInputCols(columns.toArray(String[]::new))
        .setOutputCols(columns.stream().map(name -> "_index_" + name).toArray(String[]::new));
  }

  static LinearRegressionModel regression(double... coefficients) {
    return new LinearRegressionModel("regression", Vectors.dense(coefficients), 0.1);
  }

  /** Rows of all that the model takes: unknown levels and gaps too. */
  static List<Row> rows(int number, long seed) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      rows.add(
          RowFactory.create(
              value(random),
              CUTS.get(random.nextInt(3)),
              gap(random),
              level(random, ISLANDS),
              gap(random),
              level(random, COLOURS)));
    }
    return rows;
  }

  private static double value(Random random) {
    return random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
  }

  private static @Nullable Double gap(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> null;
      case 1 -> Double.NaN;
      default -> value(random);
    };
  }

  private static @Nullable String level(Random random, List<String> levels) {
    return switch (random.nextInt(5)) {
      case 0 -> null;
      case 1 -> List.of("", "nowhere", "dream", "Dream ", "nan", "1.0").get(random.nextInt(6));
      default -> levels.get(random.nextInt(levels.size()));
    };
  }

  static Dataset<Row> frame(List<Row> rows) {
    return SparkTest.session().createDataFrame(rows, SCHEMA);
  }

  /** The cells as ONNX Runtime's Python writes those of a data frame. */
  static String[][] texts(List<Row> rows) {
    return rows.stream()
        .map(
            row -> {
              String[] cells = new String[row.length()];
              for (int i = 0; i < cells.length; i++) {
                cells[i] =
                    !row.isNullAt(i)
                        ? row.get(i).toString()
                        : SCHEMA.apply(i).dataType().equals(DataTypes.DoubleType) ? "nan" : "None";
              }
              return cells;
            })
        .toArray(String[][]::new);
  }

  /** The bound for a row that the pipeline has transformed. */
  static void assertAgree(PipelineModel pipeline, double actual, Row transformed) {
    LinearRegressionModel regression =
        (LinearRegressionModel) pipeline.stages()[pipeline.stages().length - 1];
    List<Double> columns = list(transformed.getAs(regression.getFeaturesCol()));
    new PredictionBound(
            columns.stream().map(String::valueOf).toList(),
            list(regression.coefficients()),
            regression.intercept())
        .assertAgree(actual, transformed.<Double>getAs("prediction"), columns);
  }

  private static List<Double> list(Vector vector) {
    return Arrays.stream(vector.toArray()).boxed().toList();
  }

  private static String[] array(String... names) {
    return names;
  }
}
